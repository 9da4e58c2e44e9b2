using System.Text.Json.Nodes;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>What a plan keeps back stays away whatever leads there, unless the order names it.</summary>
public sealed class KeptBackTests
{
    private const string Psa = "\"code\":{\"text\":\"Elevated PSA\"}";
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p1\"}";
    private const string Item = "plan:core/psychotherapy-notes";

    /// <summary>None of them is found by a search: superseded, or from before every look-back.</summary>
    private static IEnumerable<TestCaseData> BehindReferences()
    {
        yield return Case(
            "A questionnaire, of a type that no plan asks for", "QuestionnaireResponse/kept",
            $$"""{"resourceType":"QuestionnaireResponse","id":"kept","status":"completed","questionnaire":"https://example.org/Questionnaire/psychotherapy-note",{{Subject}}}""",
            Result("psa", "2857-1", ",\"derivedFrom\":[{\"reference\":\"QuestionnaireResponse/kept\"}]"));
        yield return Case(
            "A questionnaire known by its title", "QuestionnaireResponse/kept",
            $$"""
            {"resourceType":"QuestionnaireResponse","id":"kept","status":"completed","questionnaire":"https://example.org/Questionnaire/17",
             "_questionnaire":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/display","valueString":"Psychotherapy process notes"}]},{{Subject}}}
            """,
            Result("psa", "2857-1", ",\"derivedFrom\":[{\"reference\":\"QuestionnaireResponse/kept\"}]"));
        yield return Case(
            "A document that another one replaced", "DocumentReference/kept",
            $$"""{"resourceType":"DocumentReference","id":"kept","status":"superseded","type":{"text":"Psychotherapy process notes"},{{Subject}},"date":"2026-10-01T00:00:00Z","content":[{"attachment":{"title":"x"} }]}""",
            $$"""
            {"resourceType":"Condition","id":"low","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
             "code":{"text":"Low mood"},{{Subject}},"evidence":[{"detail":[{"reference":"DocumentReference/kept"}]}]}
            """);
        yield return Case(
            "A result of long ago", "Observation/kept",
            $$"""{"resourceType":"Observation","id":"kept","status":"final","code":{"text":"Psychotherapy session"},{{Subject}},"effectiveDateTime":"1999-10-01"}""",
            $$"""{"resourceType":"DiagnosticReport","id":"mri","status":"final","code":{"text":"MRI prostate"},{{Subject}},"effectiveDateTime":"2026-10-01","result":[{"reference":"Observation/kept"}]}""");
    }

    [TestCaseSource(nameof(BehindReferences))]
    public async Task What_no_search_finds_does_not_come_by_a_reference(string key, string body, string from)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(body, from);

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys().Contains(key), Is.False);
            Assert.That(record.GapLines().Where(g => g.StartsWith(key, StringComparison.Ordinal)), Is.EqualTo(new[] { $"{key} must-not-send {Item}" }));
        });
    }

    [TestCaseSource(nameof(BehindReferences))]
    public async Task It_goes_all_the_same_where_the_order_names_it(string key, string body, string from)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder($$"""{{Psa}},"supportingInfo":[{"reference":"{{key}}"}]""");
        bench.Load(body, from);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain(key));
    }

    [Test]
    public async Task A_kept_result_does_not_bring_the_report_that_is_kept_back()
    {
        using var folder = new PlanFolder();
        await using var bench = (await GatherBench.StartAsync(plans: folder.With(Plan("""{"id":"kept","label":"Kept","types":["DiagnosticReport"],"words":["session"]}""")).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}");
        bench.Load(
            Result("crp", "1988-5"),
            $$"""{"resourceType":"DiagnosticReport","id":"kept","status":"final","code":{"text":"Session"},{{Subject}},"effectiveDateTime":"2026-10-01","result":[{"reference":"Observation/crp"}]}""");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Contain("Observation/crp").And.Not.Contain("DiagnosticReport/kept"));
            Assert.That(record.GapLines(), Does.Contain("DiagnosticReport/kept must-not-send plan:own-plan/kept"));
        });
    }

    [Test]
    public async Task A_report_does_not_bring_its_images_where_these_are_kept_back()
    {
        using var folder = new PlanFolder();
        var plan = Plan("""{"id":"kept","label":"Kept","types":["ImagingStudy"],"words":["photograph*"]}""");
        plan["must"] = JsonNode.Parse("""[{"id":"ct","label":"CT","types":["DiagnosticReport"],"words":["ct abdomen"],"lookBack":"P2Y","last":2,"imaging":true}]""");
        await using var bench = (await GatherBench.StartAsync(plans: folder.With(plan).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}");
        bench.Load(
            $$"""{"resourceType":"DiagnosticReport","id":"ct","status":"final","code":{"text":"CT abdomen"},{{Subject}},"effectiveDateTime":"2026-10-01","basedOn":[{"reference":"ServiceRequest/x"}]}""",
            $$"""{"resourceType":"ImagingStudy","id":"kept","status":"available","description":"Photographs",{{Subject}},"started":"2026-10-01","basedOn":[{"reference":"ServiceRequest/x"}]}""");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Contain("DiagnosticReport/ct").And.Not.Contain("ImagingStudy/kept"));
            Assert.That(record.GapLines(), Does.Contain("ImagingStudy/kept must-not-send plan:own-plan/kept"));
        });
    }

    [Test]
    public async Task What_is_not_kept_back_still_comes_by_a_reference()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(
            $$"""{"resourceType":"QuestionnaireResponse","id":"ipss","status":"completed","questionnaire":"https://example.org/Questionnaire/ipss",{{Subject}}}""",
            Result("psa", "2857-1", ",\"derivedFrom\":[{\"reference\":\"QuestionnaireResponse/ipss\"}]"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("QuestionnaireResponse/ipss"));
    }

    private static JsonObject Plan(string mustNot)
    {
        var plan = PlanFolder.Plan();
        plan["mustNot"] = JsonNode.Parse($"[{mustNot}]");
        plan["onMissing"] = "send";
        return plan;
    }

    private static TestCaseData Case(string name, string key, string body, string from) => new TestCaseData(key, body, from).SetArgDisplayNames(name);

    private static string Result(string id, string loinc, string more = "") => $$"""
        {"resourceType":"Observation","id":"{{id}}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"{{loinc}}"}]},{{Subject}},"effectiveDateTime":"2026-10-01T08:00:00Z"{{more}}}
        """;
}
