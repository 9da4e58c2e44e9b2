using ReferralService.Packaging.Withholding;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>Whom a Consent's actor means. The settings know the recipient by one name; the EHR may have others.</summary>
internal sealed class RecipientNamesTests
{
    private const string Npi = "http://hl7.org/fhir/sid/us-npi";
    private const string Role = """{"resourceType":"PractitionerRole","id":"role","practitioner":{"reference":"Practitioner/dr"},"organization":{"reference":"Organization/house"}}""";
    private const string House = """{"resourceType":"Organization","id":"house","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"partOf":{"reference":"Organization/group"}}""";

    private const string Group = """{"resourceType":"Organization","id":"group","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1000000004"}],"partOf":{"reference":"Organization/world"}}""";

    /// <summary>The order is for a role; the settings know its organization's number alone.</summary>
    [TestCase("PractitionerRole/role", "permit", true)]
    [TestCase("Practitioner/dr", "permit", true)]
    [TestCase("Organization/house", "permit", true)]
    [TestCase("Organization/group", "permit", false)]
    [TestCase("Organization/group", "deny", false)]
    [TestCase("Organization/world", "permit", false)]
    [TestCase("Organization/world", "deny", false)]
    [TestCase("Practitioner/else", "permit", false)]
    [TestCase("PractitionerRole/role", "deny", false)]
    [TestCase("Practitioner/dr", "deny", false)]
    [TestCase("Organization/house", "deny", false)]
    [TestCase("Organization/insurer", "deny", true)]
    [TestCase("Practitioner/else", "deny", true)]
    [TestCase("Patient/p", "deny", true)]
    [TestCase("RelatedPerson/mother", "deny", true)]
    [TestCase("CareTeam/some", "deny", false)]
    public void An_actor_is_known_by_every_name_of_the_performer(string actor, string type, bool goes)
    {
        var record = new RecordBuilder().Without(RecordBuilder.Order).With(OrderFor("PractitionerRole/role"), Role, House, Group, Observation("a"), Consent($$"""{"type":"{{type}}","actor":[{{Actor(actor)}}]}"""));

        Assert.That(Made(record, type, $"{Npi}|1234567893"), Is.EqualTo(goes));
    }

    [TestCase("1234567893", "deny", false)]
    [TestCase("1234567893", "permit", true)]
    [TestCase("9999999999", "deny", true)]
    public void An_actor_may_be_named_by_number_alone(string number, string type, bool goes)
    {
        string actor = Actor("x").Replace("\"reference\":\"x\"", $$"""
            "identifier":{"system":"{{Npi}}","value":"{{number}}"}
            """, StringComparison.Ordinal);
        var record = new RecordBuilder().With(House, Observation("a"), Consent($$"""{"type":"{{type}}","actor":[{{actor}}]}"""));

        Assert.That(Made(record, type, "Organization/house"), Is.EqualTo(goes));
    }

    /// <summary>Who denies the house above may mean the department; who permits it need not.</summary>
    [TestCase("Organization/group", "consent-unclear")]
    [TestCase("Organization/world", "consent-unclear")]
    [TestCase("Organization/insurer", null)]
    public void A_denial_of_the_organization_above_may_mean_the_recipient(string actor, string? code)
    {
        string house = House.Replace("\"house\"", "\"uro\"", StringComparison.Ordinal);

        Assert.That(Refused(new RecordBuilder().With(house, Group, Observation("a"), Consent($$"""{"type":"deny","actor":[{{Actor(actor)}}]}"""))), Is.EqualTo(code));
    }

    [Test]
    public void An_organization_above_may_be_denied_by_number()
    {
        string actor = Actor("x").Replace("\"reference\":\"x\"", """
            "identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"1000000004"}
            """, StringComparison.Ordinal);
        string house = House.Replace("\"house\"", "\"uro\"", StringComparison.Ordinal);

        Assert.That(Refused(new RecordBuilder().With(house, Group, Observation("a"), Consent($$"""{"type":"deny","actor":[{{actor}}]}"""))), Is.EqualTo("consent-unclear"));
    }

    /// <summary>All that is known is a number: any of these may have it.</summary>
    [TestCase("Organization/house", false)]
    [TestCase("Practitioner/dr", false)]
    [TestCase("https://directory.example.org/fhir/Organization/7", false)]
    [TestCase("Patient/p", true)]
    public void Whom_nobody_can_tell_from_the_recipient_a_denial_may_mean(string actor, bool goes)
        => Assert.That(Made(new RecordBuilder().With(Observation("a"), Consent($$"""{"type":"deny","actor":[{{Actor(actor)}}]}""")), "deny", $"{Npi}|1234567893"), Is.EqualTo(goes));

    [Test]
    public void Who_works_at_an_organization_cannot_be_told()
        => Assert.That(Refused(new RecordBuilder().With(Observation("a"), Consent($$"""{"type":"deny","actor":[{{Actor("Practitioner/else")}}]}"""))), Is.EqualTo("consent-unclear"));

    /// <summary>A third opinion: the referral goes to another recipient than the order's performer.</summary>
    [Test]
    public void A_permit_for_the_performer_permits_nothing_to_somebody_else()
    {
        var record = new RecordBuilder().Without(RecordBuilder.Order).With(OrderFor("Organization/first"), Observation("a"), Consent($$"""{"type":"permit","actor":[{{Actor("Organization/first")}}]}"""));

        Assert.That(Refused(record, Options(ConsentDefault.Deny)), Is.EqualTo("consent-missing"));
    }

    private static bool Made(RecordBuilder record, string type, string recipient)
        => new DisclosureMaker(Options(type == "permit" ? ConsentDefault.Deny : ConsentDefault.Permit)).Make(record.Build(), [recipient], Today, CancellationToken.None) is Disclosure.Decided;

    private static string OrderFor(string performer)
        => RecordBuilder.Order.Trim().Replace("\"authoredOn\"", $$"""
            "performer":[{"reference":"{{performer}}"}],"authoredOn"
            """, StringComparison.Ordinal);
}
