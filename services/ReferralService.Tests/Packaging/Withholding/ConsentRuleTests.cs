using ReferralService.Packaging.Withholding;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>Each condition of a provision, in a base that permits, a base that denies and exceptions to both. Observation "a" is met by the condition, "b" is not.</summary>
internal sealed class ConsentRuleTests
{
    private static RecordBuilder Two(string consent, string moreOfA = "", string dateOfA = "2026-03-01", string metaOfA = "")
        => new RecordBuilder().With(Observation("a", moreOfA, dateOfA, metaOfA), Observation("b", ",\"performer\":[{\"reference\":\"Practitioner/other\"}]"), consent);

    [Test]
    public void A_permit_of_everything_lets_everything_go()
        => Assert.That(Goes(Two(Consent("""{"type":"permit"}"""), metaOfA: Meta("V", "HIV")), Options(ConsentDefault.Deny)), Is.EqualTo(new[] { "a", "b" }));

    [Test]
    [Fault("S24")]
    public void A_denial_of_everything_makes_a_package_impossible()
        => Assert.That(Refused(Two(Consent("""{"type":"deny"}"""))), Is.EqualTo("consent-denied"));

    [TestCase("""{"type":"permit","securityLabel":[{0}]}""", "N", "b")]
    [TestCase("""{"type":"permit","securityLabel":[{0}]}""", "R", "a,b")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny","securityLabel":[{0}]}]}""", "R", "b")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny","securityLabel":[{0}]}]}""", "V", "a,b")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny","securityLabel":[{0}]}]}""", "PSY", "b")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny","securityLabel":[{0}]}]}""", "MH", "b")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny","securityLabel":[{0}]}]}""", "PSYTHPN", "b")]
    [TestCase("""{"type":"permit","provision":[{"type":"deny","securityLabel":[{0}]}]}""", "HIV", "a,b")]
    [TestCase("""{"type":"deny","securityLabel":[{0}]}""", "PSY", "b")]
    public void Labels(string provision, string label, string goes)
        => Assert.That(string.Join(',', Goes(Two(Consent(provision.Replace("{0}", Label(label), StringComparison.Ordinal)), metaOfA: Meta("R", "PSY")))), Is.EqualTo(goes));

    [TestCase("PSY", "a,b")]
    [TestCase("MH", "a,b")]
    [TestCase("HIV", "b")]
    [TestCase("PSYTHPN", "b")]
    public void A_permit_of_normal_data_is_widened_by_an_exception_for_one_sensitivity(string label, string goes)
    {
        string provision = $$"""{"type":"permit","securityLabel":[{{Label("N")}}],"provision":[{"type":"permit","securityLabel":[{{Label(label)}}]}]}""";

        Assert.That(string.Join(',', Goes(Two(Consent(provision), metaOfA: Meta("R", "PSY")))), Is.EqualTo(goes));
    }

    [Test]
    public void What_is_sensitive_in_two_ways_needs_both_permitted()
    {
        string provision = $$"""{"type":"permit","securityLabel":[{{Label("N")}},{{Label("PSY")}}]}""";

        Assert.That(Goes(Two(Consent(provision), metaOfA: Meta("R", "PSY", "HIV"))), Is.EqualTo(new[] { "b" }));
    }

    [TestCase("permit", "2025-01-01", "2025-12-31", "a")]
    [TestCase("deny", "2025-01-01", "2025-12-31", "b")]
    public void Data_period_of_the_base(string type, string start, string end, string goes)
    {
        string provision = $$$"""{"type":"{{{type}}}","dataPeriod":{"start":"{{{start}}}","end":"{{{end}}}"}}""";

        Assert.That(string.Join(',', Goes(Two(Consent(provision), dateOfA: "2025-06-01"))), Is.EqualTo(goes));
    }

    [TestCase("2025-06-01", "b")]
    [TestCase("2025", "b")]
    [TestCase("2026-04-01", "a,b")]
    [TestCase("", "b")]
    public void Data_period_of_an_exception_denies_what_may_be_of_that_time(string date, string goes)
    {
        string provision = """{"type":"permit","provision":[{"type":"deny","dataPeriod":{"start":"2025-05","end":"2025-07"}}]}""";

        Assert.That(string.Join(',', Goes(Two(Consent(provision), dateOfA: date))), Is.EqualTo(goes));
    }

    [TestCase("2025", "")]
    [TestCase("2025-06", "a")]
    public void A_partial_date_is_permitted_only_when_all_of_it_is(string date, string goes)
    {
        string provision = """{"type":"permit","dataPeriod":{"start":"2025-05-01","end":"2025-07-31"}}""";

        Assert.That(string.Join(',', Goes(Two(Consent(provision), dateOfA: date))), Is.EqualTo(goes));
    }

    [TestCase("instance", "Observation/a", "b")]
    [TestCase("instance", "https://ehr.example.org/fhir/Observation/a", "b")]
    [TestCase("related", "Encounter/e", "b")]
    [TestCase("dependents", "Encounter/e", "b")]
    [TestCase("authoredby", "Practitioner/dr", "b")]
    [TestCase("authoredby", "Practitioner/nobody", "a,b")]
    [TestCase("instance", "Observation/z", "a,b")]
    public void Data_that_is_denied(string meaning, string reference, string goes)
    {
        string provision = $$$"""{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"{{{meaning}}}","reference":{"reference":"{{{reference}}}"}}]}]}""";
        string more = ",\"encounter\":{\"reference\":\"Encounter/e\"},\"performer\":[{\"reference\":\"Practitioner/dr\"}]";

        // The order itself has no author stated, so that what denies an author's data would deny it as well.
        var record = Two(Consent(provision), more).Without(RecordBuilder.Order).With(OrderBy("Practitioner/gp"));

        Assert.That(string.Join(',', Goes(record)), Is.EqualTo(goes));
    }

    [TestCase("instance", "Observation/a", "a")]
    [TestCase("related", "Encounter/e", "a")]
    [TestCase("authoredby", "Practitioner/dr", "a")]
    public void Data_that_alone_is_permitted(string meaning, string reference, string goes)
    {
        string provision = $$$"""{"type":"permit","data":[{"meaning":"{{{meaning}}}","reference":{"reference":"{{{reference}}}"}}]}""";

        Assert.That(string.Join(',', Goes(Two(Consent(provision), ",\"encounter\":{\"reference\":\"Encounter/e\"},\"performer\":[{\"reference\":\"Practitioner/dr\"}]"))), Is.EqualTo(goes));
    }

    [TestCase("Observation", "")]
    [TestCase("DiagnosticReport", "a,b")]
    public void A_class_that_is_denied(string type, string goes)
    {
        string provision = $$$"""{"type":"permit","provision":[{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"{{{type}}}"}]}]}""";

        Assert.That(string.Join(',', Goes(Two(Consent(provision)))), Is.EqualTo(goes));
    }

    [TestCase("permit", "Organization/uro", ConsentDefault.Deny, true)]
    [TestCase("permit", "https://ehr.example.org/fhir/Organization/uro", ConsentDefault.Deny, true)]
    [TestCase("permit", "Organization/other", ConsentDefault.Deny, false)]
    [TestCase("permit", "Group/some", ConsentDefault.Permit, false)]
    [TestCase("deny", "Organization/uro", ConsentDefault.Permit, false)]
    [TestCase("deny", "Organization/other", ConsentDefault.Permit, true)]
    [TestCase("deny", "Group/some", ConsentDefault.Permit, false)]
    public void The_recipient(string type, string actor, ConsentDefault byDefault, bool goes)
        => Assert.That(Make(Two(Consent($$"""{"type":"{{type}}","actor":[{{Actor(actor)}}]}""")), Options(byDefault)) is Disclosure.Decided, Is.EqualTo(goes));

    [TestCase("permit", "TREAT", ConsentDefault.Deny, true)]
    [TestCase("permit", "HPAYMT", ConsentDefault.Deny, false)]
    [TestCase("deny", "TREAT", ConsentDefault.Permit, false)]
    [TestCase("deny", "HMARKT", ConsentDefault.Permit, true)]
    public void The_purpose(string type, string purpose, ConsentDefault byDefault, bool goes)
    {
        string provision = $$"""{"type":"{{type}}","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{{purpose}}"}]}""";

        Assert.That(Make(Two(Consent(provision)), Options(byDefault)) is Disclosure.Decided, Is.EqualTo(goes));
    }

    [TestCase("permit", "2026-01-01", "2026-12-31", ConsentDefault.Deny, true)]
    [TestCase("permit", "2026-01-01", "2026-02-01", ConsentDefault.Deny, false)]
    [TestCase("deny", "2026-01-01", "2026-02-01", ConsentDefault.Permit, true)]
    [TestCase("deny", "2026-01-01", "2026-12-31", ConsentDefault.Permit, false)]
    [TestCase("deny", "2027-01-01", "", ConsentDefault.Permit, true)]
    public void The_time_it_is_in_force(string type, string start, string end, ConsentDefault byDefault, bool goes)
    {
        string ends = end.Length > 0 ? $",\"end\":\"{end}\"" : "";

        Assert.That(Make(Two(Consent($$$"""{"type":"{{{type}}}","period":{"start":"{{{start}}}"{{{ends}}}}}""")), Options(byDefault)) is Disclosure.Decided, Is.EqualTo(goes));
    }

    [TestCase("disclose", true)]
    [TestCase("correct", false)]
    [TestCase("access", false)]
    public void An_action_that_is_permitted(string action, bool goes)
    {
        string provision = $$$"""{"type":"permit","action":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"{{{action}}}"}]}]}""";

        Assert.That(Make(Two(Consent(provision)), Options(ConsentDefault.Deny)) is Disclosure.Decided, Is.EqualTo(goes));
    }

    private static string OrderBy(string requester) => RecordBuilder.Order.Replace("\"authoredOn\"", $$"""
        "requester":{"reference":"{{requester}}"},"authoredOn"
        """, StringComparison.Ordinal);
}
