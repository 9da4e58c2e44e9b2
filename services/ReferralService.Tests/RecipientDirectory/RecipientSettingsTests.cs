using Microsoft.Extensions.Configuration;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;

namespace ReferralService.Tests.RecipientDirectory;

/// <summary>Sections Recipients and Delivery: what can be used, and every fault named by its key.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RecipientSettingsTests
{
    [Test]
    public void A_recipient_is_read_as_it_is_written()
    {
        var (recipients, faults) = Read(
            ("Recipients:urology-east:BaseUrl", "https://uro.example/fhir"), ("Recipients:urology-east:Matches:0", "Organization/uro-east"),
            ("Recipients:urology-east:Matches:1", "http://hl7.org/fhir/sid/us-npi|1234567893"), ("Recipients:urology-east:Form", "Collection"),
            ("Recipients:urology-east:Auth:Kind", "Bearer"), ("Recipients:urology-east:Auth:Token", "t"), ("Ehrs:main:BaseUrl", "https://ehr.example/fhir"));

        var recipient = recipients.Find("urology-east")!;
        Assert.That(faults, Is.Empty);
        Assert.That((recipient.BaseUrl, recipient.Form, recipient.Auth.Token), Is.EqualTo((new Uri("https://uro.example/fhir"), RecipientForm.Collection, "t")));
        Assert.That(recipient.Matches, Is.EqualTo(new[] { "Organization/uro-east", "http://hl7.org/fhir/sid/us-npi|1234567893" }));
    }

    [TestCase("Recipients:Uro East:BaseUrl", "https://uro.example/fhir", "Recipients:Uro East: is no usable name")]
    [TestCase("Recipients:uro:BaseUrl", "http://uro.example/fhir", "Recipients:uro:BaseUrl: is http beyond loopback")]
    [TestCase("Recipients:uro:Form", "Message", "Recipients:uro:Form: Message is not built yet (not-built)")]
    [TestCase("Recipients:uro:Form", "Fax", "Recipients:uro:Form: must be one of")]
    [TestCase("Recipients:uro:Auth:Kind", "SmartBackend", "Recipients:uro:Auth:Kind: SmartBackend is not built yet (not-built)")]
    [TestCase("Recipients:uro:Colour", "red", "Recipients:uro:Colour: is no setting")]
    [TestCase("Recipients:uro:Matches:0", "uro-east", "Recipients:uro:Matches:0: must be Type/id, an absolute URL that ends in Type/id, or system|value")]
    [TestCase("Recipients:uro:Matches:0", "https://ehr.example/fhir", "Recipients:uro:Matches:0: must be Type/id")]
    [TestCase("Recipients:uro:Matches:0", "Clinic/uro-east", "Recipients:uro:Matches:0: must be Type/id")]
    [TestCase("Recipients:uro:Matches:0", "|123", "Recipients:uro:Matches:0: needs a system before")]
    [TestCase("Recipients:uro:Matches:0", "http://system|", "Recipients:uro:Matches:0: needs a system before")]
    [TestCase("Recipients:uro:Matches:0", "Organization/a/_history/1", "Recipients:uro:Matches:0: must not name a version")]
    [TestCase("Recipients:uro:Matches:0", "Organization/shared", "Recipients:uro:Matches:0: also stands at recipient other")]
    public void What_cannot_be_used_is_named_by_its_key(string key, string value, string fault)
    {
        var (_, faults) = Read(
            ("Recipients:other:BaseUrl", "https://other.example/fhir"), ("Recipients:other:Matches:0", "Organization/shared"),
            ("Recipients:uro:BaseUrl", "https://uro.example/fhir"), ("Ehrs:main:BaseUrl", "https://ehr.example/fhir"), (key, value));

        Assert.That(faults, Has.One.StartsWith(fault));
    }

    [Test]
    public void A_relative_match_says_nothing_where_there_are_two_EHRs()
    {
        var (_, faults) = Read(
            ("Recipients:uro:BaseUrl", "https://uro.example/fhir"), ("Recipients:uro:Matches:0", "Organization/a"),
            ("Ehrs:main:BaseUrl", "https://ehr.example/fhir"), ("Ehrs:second:BaseUrl", "https://second.example/fhir"));

        Assert.That(faults, Has.One.StartsWith("Recipients:uro:Matches:0: is relative"));
    }

    [Test]
    public void Http_beyond_loopback_is_taken_where_it_is_allowed()
    {
        var (recipients, faults) = Read(("Recipients:uro:BaseUrl", "http://uro.example/fhir"), ("Recipients:uro:AllowHttp", "true"));

        Assert.That(faults, Is.Empty);
        Assert.That(recipients.Find("uro"), Is.Not.Null);
    }

    [TestCase("Delivery:Deadline", "00:00:30", false)]
    [TestCase("Delivery:Deadline", "7.00:00:00", true)]
    [TestCase("Delivery:AttemptTimeout", "00:00:00.5", false)]
    [TestCase("Delivery:AttemptTimeout", "00:00:02", true)]
    [TestCase("Delivery:MinBytesPerSecond", "10", false)]
    [TestCase("Delivery:MinBytesPerSecond", "4096", true)]
    [TestCase("Delivery:MinBytesPerSecond", "fast", false)]
    public void Delivery_settings_have_ranges(string key, string value, bool usable)
    {
        var settings = Settings((key, value));

        DeliveryOptions.Read(settings);
        settings.Done();

        Assert.That(settings.Faults.Any(f => f.StartsWith(key, StringComparison.Ordinal)), Is.EqualTo(!usable));
    }

    private static (RecipientRegistry Recipients, IReadOnlyList<string> Faults) Read(params (string Key, string Value)[] pairs)
    {
        var settings = Settings(pairs);
        var recipients = RecipientDirectorySetup.ReadRecipients(settings);
        settings.Done();
        return (recipients, settings.Faults);
    }

    private static SettingsReader Settings(params (string Key, string Value)[] pairs)
        => new(new ConfigurationBuilder().AddInMemoryCollection(pairs.Reverse().DistinctBy(p => p.Key).Select(p => KeyValuePair.Create<string, string?>(p.Key, p.Value))).Build());
}
