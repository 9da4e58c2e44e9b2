using ReferralService.Packaging.Withholding;
using static ReferralService.Tests.Packaging.Withholding.WithholdingBench;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>What is withheld is not read from what goes: neither from what was done for it, nor from a reference's display.</summary>
internal sealed class TellingReferenceTests
{
    private const string Hiv = """{"resourceType":"Condition","id":"x","code":{"coding":[{"system":"http://snomed.info/sct","code":"86406008"}]},"subject":{"reference":"Patient/p"}}""";
    private const string Plain = """{"resourceType":"Condition","id":"x","code":{"text":"something"},"subject":{"reference":"Patient/p"}}""";

    private static readonly string DenyByName = Consent("""{"type":"permit","provision":[{"type":"deny","data":[{"meaning":"instance","reference":{"reference":"Condition/x"}}]}]}""");

    [TestCase("MedicationRequest", ""","reasonReference":[{"reference":"Condition/x"}]""")]
    [TestCase("MedicationStatement", ""","reasonReference":[{"reference":"Condition/x"}]""")]
    [TestCase("MedicationAdministration", ""","reasonReference":[{"reference":"Condition/x"}]""")]
    [TestCase("Procedure", ""","reasonReference":[{"reference":"Condition/x"}]""")]
    [TestCase("ServiceRequest", ""","reasonReference":[{"reference":"Condition/x"}]""")]
    [TestCase("Encounter", ""","reasonReference":[{"reference":"Condition/x"}]""")]
    [TestCase("Encounter", ""","diagnosis":[{"condition":{"reference":"Condition/x"}}]""")]
    [TestCase("CarePlan", ""","addresses":[{"reference":"Condition/x"}]""")]
    [TestCase("CarePlan", ""","activity":[{"detail":{"reasonReference":[{"reference":"Condition/x"}]}}]""")]
    [TestCase("Goal", ""","addresses":[{"reference":"Condition/x"}]""")]
    [TestCase("ClinicalImpression", ""","problem":[{"reference":"Condition/x"}]""")]
    public void What_was_done_for_something_sensitive_is_as_sensitive(string type, string element)
    {
        string done = $$"""{"resourceType":"{{type}}","id":"done","status":"completed","subject":{"reference":"Patient/p"}{{element}} }""";

        Assert.That(Goes(new RecordBuilder().With(Hiv, done, Observation("b")), Options(ConsentDefault.PermitNormal)), Is.EqualTo(new[] { "b" }));
    }

    /// <summary>Without a word of it, the reference of what was done tells no more than that there is something.</summary>
    [TestCase("", true)]
    [TestCase(""","display":"HIV disease" """, false)]
    public void A_reference_that_names_what_is_withheld_stays_with_it(string display, bool goes)
    {
        string done = $$"""{"resourceType":"Procedure","id":"done","status":"completed","subject":{"reference":"Patient/p"},"reasonReference":[{"reference":"Condition/x"{{display}} }]}""";
        var made = Decide(new RecordBuilder().With(Plain, done, DenyByName));

        Assert.That(
            made.Withheld.Select(w => $"{w.Reference} {w.Reason}"),
            Is.EqualTo(goes ? ["Condition/x withheld-by-consent"] : new[] { "Condition/x withheld-by-consent", "Procedure/done withheld-by-consent" }));
    }

    /// <summary>What a visit was for, its name does not say; unless the visit itself is what is sensitive.</summary>
    [TestCase("", true)]
    [TestCase(""","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]}""", false)]
    public void A_visit_for_something_sensitive_does_not_take_the_results_of_its_day_with_it(string label, bool goes)
    {
        string visit = $$"""{"resourceType":"Encounter","id":"visit"{{label}},"status":"finished","class":{"code":"AMB"},"diagnosis":[{"condition":{"reference":"Condition/x"} }]}""";
        string result = Observation("b", ""","encounter":{"reference":"Encounter/visit","display":"Office visit"}""");

        Assert.That(Goes(new RecordBuilder().With(Hiv, visit, result), Options(ConsentDefault.PermitNormal)), Is.EqualTo(goes ? ["b"] : Array.Empty<string>()));
    }

    [Test]
    public void What_names_something_that_names_what_is_withheld_stays_too()
    {
        const string Near = """{"resourceType":"Observation","id":"near","status":"final","code":{"text":"y"},"focus":[{"display":"HIV disease","reference":"Condition/x"}]}""";
        const string Far = """{"resourceType":"Observation","id":"far","status":"final","code":{"text":"y"},"derivedFrom":[{"reference":"Observation/near","display":"about HIV"}]}""";
        const string Report = """{"resourceType":"DiagnosticReport","id":"report","status":"final","code":{"text":"y"},"result":[{"reference":"Observation/far"}]}""";

        Assert.That(Goes(new RecordBuilder().With(Plain, Report, Far, Near, Observation("b"), DenyByName)), Is.EqualTo(new[] { "b" }));
    }

    /// <summary>The clinician wrote it into the order, for this recipient.</summary>
    [Test]
    public void An_order_that_names_its_reason_goes_though_the_reason_stays([Values] bool byConsent)
    {
        string order = RecordBuilder.Order.Trim().Replace("\"authoredOn\"", "\"reasonReference\":[{\"reference\":\"Condition/x\",\"display\":\"HIV disease\"}],\"authoredOn\"", StringComparison.Ordinal);
        var record = new RecordBuilder().Without(RecordBuilder.Order).With(order, byConsent ? Plain : Hiv, Observation("b"));
        if (byConsent) record.With(DenyByName);

        Assert.That(Goes(record, Options(ConsentDefault.PermitNormal)), Is.EqualTo(new[] { "b" }));
    }
}
