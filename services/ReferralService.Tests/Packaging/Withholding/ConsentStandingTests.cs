using ReferralService.Packaging.Withholding;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>Which Consents have a part in the decision, and what their shape makes of them.</summary>
internal sealed class ConsentStandingTests
{
    private const string Deny = """{"type":"deny"}""";

    [TestCase("draft", null)]
    [TestCase("proposed", null)]
    [TestCase("rejected", null)]
    [TestCase("inactive", null)]
    [TestCase("entered-in-error", null)]
    [TestCase("active", "consent-denied")]
    [TestCase("Active", "consent-unclear")]
    [TestCase("on-hold", "consent-unclear")]
    public void Only_a_status_that_surely_ended_it_or_never_began_sets_a_consent_aside(string status, string? code)
        => Assert.That(Refused(new RecordBuilder().With(Observation("a"), Consent(Deny, status: status))), Is.EqualTo(code));

    [TestCase("\"Patient/p\"", "consent-denied")]
    [TestCase("\"https://ehr.example.org/fhir/Patient/p\"", "consent-denied")]
    [TestCase("\"Patient/p/_history/2\"", "consent-denied")]
    [TestCase("\"Patient/other\"", null)]
    [TestCase("null", "consent-denied")]
    public void It_counts_unless_it_is_surely_another_patients(string patient, string? code)
    {
        string consent = Consent(Deny).Replace("""{"reference":"Patient/p"}""", $$"""{"display":"x","reference":{{patient}}}""", StringComparison.Ordinal);

        Assert.That(Refused(new RecordBuilder().With(Observation("a"), consent)), Is.EqualTo(code));
    }

    [Test]
    public void One_of_several_patients_is_not_understood()
    {
        string consent = Consent(Deny).Replace("""{"reference":"Patient/p"}""", """[{"reference":"Patient/other"},{"reference":"Patient/p"}]""", StringComparison.Ordinal);

        Assert.That(Refused(new RecordBuilder().With(Observation("a"), consent)), Is.EqualTo("consent-unclear"));
    }

    /// <summary>It is 10:00Z on 4 May. A day ends first at UTC+14, and begins first there.</summary>
    [TestCase("2026-05-04", "", true)]
    [TestCase("2026-05-05", "", true)]
    [TestCase("2026-05-06", "", false)]
    [TestCase("", "2026-05-05", true)]
    [TestCase("", "2026-05-04", true)]
    [TestCase("", "2026-05-03", false)]
    [TestCase("", "2026-05", true)]
    [TestCase("", "2026-05-04T11:59:59+02:00", false)]
    [TestCase("", "2026-05-04T12:00:01+02:00", true)]
    [TestCase("2026-05-04T12:00:01+02:00", "", false)]
    public void A_permit_is_in_force_until_its_last_day_may_be_over(string start, string end, bool goes)
        => Assert.That(Made(new RecordBuilder().With(Observation("a"), Consent($$"""{"type":"permit",{{Period(start, end)}}}"""))), Is.EqualTo(goes));

    [TestCase("", "2026-05-04", false)]
    [TestCase("", "2026-05-03", false)]
    [TestCase("", "2026-05-02", true)]
    [TestCase("2026-05-05", "", false)]
    [TestCase("2026-05-06", "", true)]
    public void A_denial_is_in_force_as_long_as_it_may_be(string start, string end, bool goes)
        => Assert.That(Refused(new RecordBuilder().With(Observation("a"), Consent($$"""{"type":"deny",{{Period(start, end)}}}"""))) is null, Is.EqualTo(goes));

    [Test]
    public void Of_two_of_the_same_instant_always_the_same_is_named([Values] bool reversed)
    {
        string deny = $$"""{"type":"deny","securityLabel":[{{Label("HIV")}}]}""";
        var record = new RecordBuilder().With(Observation("a", meta: Meta("HIV")), Consent(deny, "x2"), Consent(deny, "x1"), Consent(deny, "x3", dateTime: "2026"));

        var made = Decide(reversed ? record.Reversed() : record);

        Assert.Multiple(() =>
        {
            Assert.That(made.Withheld.Single().Rule, Is.EqualTo("Consent/x3/_history/3 denies (provision)"), "a year may end later than one of its days");
            Assert.That(made.Account.Considered.Select(c => c.Reference), Is.EqualTo(new[] { "Consent/x3", "Consent/x1", "Consent/x2" }));
        });
    }

    [TestCase("""{"type":"deny","provision":[{"type":"permit","actor":[{0}]}]}""", true)]
    [TestCase("""{"type":"deny","provision":[{"type":"permit","actor":[{1}]}]}""", false)]
    [TestCase("""{"type":"deny","provision":[{"type":"permit","actor":[{0}]},{"type":"deny","actor":[{0}]}]}""", false)]
    [TestCase("""{"type":"deny","actor":[{1}],"provision":[{"type":"permit"}]}""", true)]
    [TestCase("""{"type":"permit","provision":[{"actor":[{1}]}]}""", true)]
    [TestCase("""{"type":"permit","provision":[{"actor":[{0}]}]}""", false)]
    public void Exceptions(string provision, bool goes)
    {
        string consent = Consent(provision.Replace("{0}", Actor(Recipient), StringComparison.Ordinal).Replace("{1}", Actor("Organization/other"), StringComparison.Ordinal));

        Assert.That(Refused(new RecordBuilder().With(Observation("a"), consent)) is null, Is.EqualTo(goes));
    }

    [TestCase("disclose", false)]
    [TestCase("access", false)]
    [TestCase("use", false)]
    [TestCase("collect", true)]
    [TestCase("correct", true)]
    [TestCase("share", false)]
    public void An_action_that_is_denied(string action, bool goes)
    {
        string provision = $$$"""{"type":"deny","action":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"{{{action}}}"}]}]}""";

        Assert.That(Refused(new RecordBuilder().With(Observation("a"), Consent(provision))) is null, Is.EqualTo(goes));
    }

    [TestCase("Consent/c", "not-fhir", "consent-unclear")]
    [TestCase("Consent/c", "patient-unknown", "consent-unclear")]
    [TestCase("Consent/c", "forbidden", "consent-unclear")]
    [TestCase("Consent/c", "limit", "consent-unclear")]
    [TestCase("Consent?search.Consent", "no-id", "consent-unclear")]
    [TestCase("Consent?search.Consent", "incomplete-answer", "consent-unclear")]
    [TestCase("https://other.example.org/fhir/Consent/c", "foreign-origin", "consent-unclear")]
    [TestCase("Consent/c", "gone", null)]
    [TestCase("Consent/c", "other-patient", null)]
    [TestCase("Consent/c", "entered-in-error", null)]
    public void A_consent_that_was_there_and_could_not_be_read_is_not_none(string gap, string reason, string? code)
        => Assert.That(Refused(new RecordBuilder().With(Observation("a")).Gap(gap, reason, "search.Consent")), Is.EqualTo(code));

    [TestCase("R")]
    [TestCase("PSY")]
    [Fault("S24")]
    public void An_order_or_a_patient_that_may_not_go_lets_nothing_go(string label)
    {
        string meta = Meta(label);
        var options = Options(ConsentDefault.PermitNormal);
        string order = RecordBuilder.Order.Trim().Replace("\"id\":\"order\"", $"\"id\":\"order\"{meta}", StringComparison.Ordinal);
        string patient = RecordBuilder.Patient.Replace("\"id\":\"p\"", $"\"id\":\"p\"{meta}", StringComparison.Ordinal);

        Assert.Multiple(() =>
        {
            Assert.That(Refused(new RecordBuilder().Without(RecordBuilder.Order).With(order, Observation("a")), options), Is.EqualTo("consent-missing"));
            Assert.That(Refused(new RecordBuilder().Without(RecordBuilder.Patient).With(patient, Observation("a")), options), Is.EqualTo("consent-missing"));
            Assert.That(Goes(new RecordBuilder().Without(RecordBuilder.Patient).With(patient, Observation("a"), Consent("""{"type":"permit"}""")), options), Is.EqualTo(new[] { "a" }));
        });
    }

    private static bool Made(RecordBuilder record) => Make(record, Options(ConsentDefault.Deny)) is Disclosure.Decided;

    private static string Period(string start, string end)
        => $$"""
            "period":{ {{string.Join(',', new[] { start.Length > 0 ? $"\"start\":\"{start}\"" : "", end.Length > 0 ? $"\"end\":\"{end}\"" : "" }.Where(t => t.Length > 0))}} }
            """;
}
