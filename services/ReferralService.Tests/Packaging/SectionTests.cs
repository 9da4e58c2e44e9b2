using ReferralService.Ledger;

namespace ReferralService.Tests.Packaging;

internal sealed class SectionTests
{
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p\"}";

    private static TestCaseData Row(string title, string code, string type, string elements = "")
        => new TestCaseData(title, code, $$"""{"resourceType":"{{type}}","id":"x",{{Subject}}{{(elements.Length > 0 ? "," : "")}}{{elements}}}""").SetName($"{type} {elements} stands under {title}");

    private static string Category(string system, string code) => $$"""
        "category":[{"coding":[{"system":"http://example.org/local","code":"zzz"},{"system":"{{system}}","code":"{{code}}"}]}]
        """.Trim();

    private static IEnumerable<TestCaseData> Table()
    {
        const string Observation = "http://terminology.hl7.org/CodeSystem/observation-category", V2 = "http://terminology.hl7.org/CodeSystem/v2-0074", Loinc = "http://loinc.org";
        yield return Row("Problems", "11450-4", "Condition");
        yield return Row("Allergies and intolerances", "48765-2", "AllergyIntolerance");
        yield return Row("Medications", "10160-0", "MedicationRequest");
        yield return Row("Medications", "10160-0", "MedicationStatement");
        yield return Row("Results", "30954-2", "Observation");
        yield return Row("Results", "30954-2", "Observation", Category(Observation, "laboratory"));
        yield return Row("Vital signs", "8716-3", "Observation", Category(Observation, "vital-signs"));
        yield return Row("Imaging", "18748-4", "Observation", Category(Observation, "imaging"));
        yield return Row("Social history", "29762-2", "Observation", Category(Observation, "social-history"));
        yield return Row("Results", "30954-2", "Observation", Category("http://example.org/local", "vital-signs"));
        yield return Row("Results", "30954-2", "DiagnosticReport");
        yield return Row("Results", "30954-2", "DiagnosticReport", Category(V2, "LAB"));
        yield return Row("Imaging", "18748-4", "DiagnosticReport", Category(V2, "RAD"));
        yield return Row("Imaging", "18748-4", "DiagnosticReport", Category(V2, "CT"));
        yield return Row("Imaging", "18748-4", "DiagnosticReport", Category("http://hl7.org/fhir/v2/0074", "NMR"));
        yield return Row("Imaging", "18748-4", "DiagnosticReport", Category(Loinc, "LP29684-5"));
        yield return Row("Documents", "34109-9", "DiagnosticReport", Category(Loinc, "34117-2"));
        yield return Row("Imaging", "18748-4", "ImagingStudy");
        yield return Row("Imaging", "18748-4", "Media");
        yield return Row("Procedures", "47519-4", "Procedure");
        yield return Row("Immunizations", "11369-6", "Immunization");
        yield return Row("Documents", "34109-9", "DocumentReference");
        yield return Row("Supporting information", "", "FamilyMemberHistory");
    }

    [TestCaseSource(nameof(Table))]
    public async Task A_resource_stands_in_the_section_of_its_kind(string title, string code, string body)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(body), PackageForm.Document);
        var section = package.Section(title);

        Assert.That(package.Named(title), Has.Count.EqualTo(1).And.All.EndsWith("/x"));
        Assert.That(section.TryGetProperty("code", out var concept) ? concept.GetProperty("coding")[0].GetProperty("code").GetString() : "", Is.EqualTo(code));
        Assert.That(package.Sections, Has.Count.EqualTo(2), "sections without entries are left out");
    }

    [Test]
    public async Task Sections_follow_in_their_order_and_the_reason_comes_first()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All).Gap("Observation/1", "not-found"), PackageForm.Document);

        Assert.That(package.Sections.Select(s => s.GetProperty("title").GetString()), Is.EqualTo(new[]
        {
            "Reason for referral", "Problems", "Medications", "Results", "Procedures", "Immunizations", "Supporting information", "What is missing",
        }));
        Assert.That(package.Named("Reason for referral"), Is.EqualTo(new[] { $"{RecordBuilder.Ehr}/ServiceRequest/order" }));
    }

    [Test]
    public async Task The_newest_entry_comes_first()
    {
        string Observation(string id, string date) => $$"""{"resourceType":"Observation","id":"{{id}}","status":"final","code":{"text":"AFP"},{{Subject}}{{date}}}""";
        var package = await BuiltPackage.Of(
            new RecordBuilder().With(Observation("none", ""), Observation("birth", ",\"effectiveDateTime\":\"at birth\""), Observation("old", ",\"effectiveDateTime\":\"2024-05\""), Observation("new", ",\"effectiveDateTime\":\"2025-01-01\"")),
            PackageForm.Document);

        Assert.That(package.Named("Results").Select(u => u.Split('/')[^1]), Is.EqualTo(new[] { "new", "old", "birth", "none" }));
    }

    [Test]
    public async Task What_something_else_leads_to_needs_no_section_of_its_own()
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().With(
                $$"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"a"},{{Subject}},"specimen":{"reference":"Specimen/s"} }""",
                $$"""{"resourceType":"Specimen","id":"s",{{Subject}}}"""),
            PackageForm.Document);

        Assert.That(package.Sections.Select(s => s.GetProperty("title").GetString()), Is.EqualTo(new[] { "Reason for referral", "Results" }));
    }

    [Test]
    public async Task What_nothing_leads_to_is_supporting_information()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With($$"""{"resourceType":"Specimen","id":"s",{{Subject}}}"""), PackageForm.Document);

        Assert.That(package.Named("Supporting information"), Is.EqualTo(new[] { $"{RecordBuilder.Ehr}/Specimen/s" }));
    }

    [TestCase("Patient/p", 1, TestName = "Provenance of something in the package stands beside it")]
    [TestCase("Observation/elsewhere", 2, TestName = "Provenance of nothing in the package is supporting information")]
    public async Task Provenance_needs_no_section_where_it_speaks_of_an_entry(string target, int sections)
    {
        var package = await BuiltPackage.Of(
            new RecordBuilder().With($$"""{"resourceType":"Provenance","id":"v","target":[{"reference":"{{target}}"}]}"""), PackageForm.Document);

        Assert.That(package.Sections, Has.Count.EqualTo(sections));
    }
}
