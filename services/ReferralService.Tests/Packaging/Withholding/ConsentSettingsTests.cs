using Microsoft.Extensions.Configuration;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>Section Consent: what would do nothing, or less than it seems, is refused by its key.</summary>
internal sealed class ConsentSettingsTests
{
    [TestCase("Consent:PermittingPolicies:0", "house", "Consent:PermittingPolicies:0: is no policy")]
    [TestCase("Consent:PermittingPolicies:1", "/house", "Consent:PermittingPolicies:1: is no policy")]
    [TestCase("Consent:DenyingPolicies:0", "house|opt-out", "Consent:DenyingPolicies:0: is no policy")]
    [TestCase("Consent:DenyingPolicies:0", "https://example.org/policies|", "Consent:DenyingPolicies:0: is no policy")]
    [TestCase("Consent:DenyingPolicies:0", "", "Consent:DenyingPolicies:0: is empty")]
    [TestCase("Consent:Part2Notice", "", "Consent:Part2Notice: is empty")]
    [TestCase("Consent:Part2Notice", " ", "Consent:Part2Notice: is empty")]
    public void What_cannot_be_used_is_named_by_its_key(string key, string value, string fault)
        => Assert.That(Read((key, value)).Faults, Has.Count.EqualTo(1).And.One.StartsWith(fault));

    [TestCase("https://example.org/policies/opt-in")]
    [TestCase("urn:oid:2.16.840.1.113883.3.18")]
    [TestCase("https://example.org/policies|opt-in")]
    public void A_policy_is_a_uri_or_a_system_and_code(string policy)
    {
        var (options, faults) = Read(("Consent:PermittingPolicies:0", policy));

        Assert.That(faults, Is.Empty);
        Assert.That(options.Policies.Permitting, Is.EqualTo(new[] { policy }));
    }

    [Test]
    public void Without_a_notice_it_is_the_law_s_statement() => Assert.That(Read().Options.Part2Notice, Is.EqualTo(ConsentOptions.Part2Statement));

    private static (ConsentOptions Options, IReadOnlyList<string> Faults) Read(params (string Key, string Value)[] values)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build());
        return (ConsentOptions.Read(settings), settings.Faults);
    }
}
