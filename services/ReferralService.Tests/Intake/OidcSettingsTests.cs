using Microsoft.Extensions.Configuration;
using ReferralService.Intake.Access;
using ReferralService.Intake.Access.Oidc;

namespace ReferralService.Tests.Intake;

public sealed class OidcSettingsTests
{
    private static readonly (string, string)[] Good =
        [("Authority", "https://login.example.org/realms/h"), ("ClientId", "pages"), ("ClientSecret", "s"), ("Roles:operator:0", "ops"), ("Roles:operator:1", "ops-too")];

    [Test]
    public void What_is_not_said_has_its_default()
    {
        var (oidc, faults) = Read(Good);

        Assert.Multiple(() =>
        {
            Assert.That(faults, Is.Empty);
            Assert.That((oidc!.RoleClaim, oidc.NameClaim, oidc.Audience), Is.EqualTo(("roles", "preferred_username", (string?)null)));
            Assert.That(oidc.Scopes, Is.EqualTo(new[] { "openid", "profile" }));
            Assert.That(oidc.Roles[ApiRole.Operator], Is.EqualTo(new[] { "ops", "ops-too" }));
        });
    }

    [Test]
    public void Without_the_section_there_is_no_provider() => Assert.That(Read([]).Oidc, Is.Null);

    [TestCase("Authority", null, "Authority")]
    [TestCase("Authority", "login.example.org", "Authority")]
    [TestCase("Authority", "http://login.example.org", "Authority")]
    [TestCase("Authority", "https://user@login.example.org", "Authority")]
    [TestCase("Authority", "https://169.254.169.254", "Authority")]
    [TestCase("ClientId", null, "ClientId")]
    [TestCase("Audience", "pages", "Audience")]
    [TestCase("ClientSecretFile", "/nowhere/at-all", "ClientSecretFile")]
    [TestCase("Scopes:0", "profile", "Scopes")]
    [TestCase("Roles:admin:0", "x", "Roles:admin")]
    [TestCase("Origins:0", "keys.example.org", "Origins:0")]
    [TestCase("Autority", "https://login.example.org", "Autority")]
    public void What_cannot_be_used_is_named_by_its_key(string key, string? value, string fault)
    {
        var (_, faults) = Read([.. Good.Where(s => s.Item1 != key), .. value is null ? [] : new[] { (key, value) }]);

        Assert.That(faults, Has.Some.StartsWith($"Api:Oidc:{fault}:"));
    }

    [Test]
    public void Without_a_value_for_any_role_it_is_said()
        => Assert.That(Read([.. Good.Where(s => !s.Item1.StartsWith("Roles", StringComparison.Ordinal))]).Faults, Has.Some.StartsWith("Api:Oidc:Roles:"));

    private static (OidcOptions? Oidc, IReadOnlyList<string> Faults) Read((string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Api:Oidc:" + s.Key, (string?)s.Value))).Build();
        var reader = new SettingsReader(configuration);
        var oidc = OidcOptions.Read(reader.Part("Api"));
        reader.Done();
        return (oidc, reader.Faults);
    }
}
