using ReferralService.Gathering;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>Plans at work in a gathering, against an EHR over HTTP.</summary>
public sealed class RelevanceWalkTests
{
    private const string Psa = "\"code\":{\"text\":\"Elevated PSA\"}";
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p1\"}";

    [Test]
    public async Task What_a_plan_wants_is_kept_with_its_rule_and_the_rest_is_told()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(Result("psa", "2857-1"), Result("potassium", "2823-3"));
        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Reasons(record, "psa"), Is.EqualTo(new[] { "plan:urology-psa/psa-series", "search.Observation" }));
            Assert.That(Keys(record), Does.Not.Contain("Observation/potassium"));
            Assert.That(record.Gaps, Does.Contain(new GatheringGap("Observation/potassium", "not-relevant", "plan:core,urology-psa")));
            Assert.That(record.Planned!.Plans.Select(p => $"{p.Plan.Id} {p.Plan.Version}"), Is.EqualTo(new[] { "core 1.0.0", "urology-psa 1.2.0" }));
            Assert.That(record.Planned.Checklist.Rows.Single(r => r.Item == "plan:urology-psa/psa-series").Status, Is.EqualTo(CheckStatus.Present));
        });
    }

    [Test]
    public async Task What_a_kept_report_refers_to_comes_back_with_it()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(
            Result("potassium", "2823-3"),
            $$"""{"resourceType":"DiagnosticReport","id":"mri","status":"final","code":{"text":"MRI prostate"},{{Subject}},"effectiveDateTime":"2026-10-01","result":[{"reference":"Observation/potassium"}]}""");
        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Reasons(record, "potassium"), Is.EqualTo(new[] { "DiagnosticReport.result" }));
            Assert.That(record.Gaps.Select(g => g.Reference), Does.Not.Contain("Observation/potassium"));
        });
    }

    [Test]
    public async Task What_a_plan_wants_from_before_the_look_back_comes_and_nothing_else_of_that_time()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(Result("psa-2018", "2857-1", "2018-03-01"), Result("psa-2012", "2857-1", "2012-03-01"), Result("potassium-2018", "2823-3", "2018-03-01"));
        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Reasons(record, "psa-2018"), Is.EqualTo(new[] { "plan:urology-psa/psa-series", "search.Observation" }));
            Assert.That(Keys(record).Where(k => k.StartsWith("Observation/", StringComparison.Ordinal)), Has.Exactly(1).Items);
            Assert.That(record.Gaps.Where(g => g.Reference.StartsWith("Observation?", StringComparison.Ordinal)).Select(g => g.Reference), Does.Contain("Observation?date=lt2024-11-22&code:not-in=plans"));
        });
    }

    [Test]
    public async Task A_consent_is_no_plans_affair()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load("""{"resourceType":"Consent","id":"c","status":"active","patient":{"reference":"Patient/p1"},"scope":{"text":"privacy"},"category":[{"text":"privacy"}],"policyRule":{"text":"x"}}""");
        await using var record = await bench.RecordAsync();

        Assert.That(Keys(record), Does.Contain("Consent/c"));
    }

    [Test]
    public async Task A_condition_that_only_the_order_names_chooses_the_plan()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder("\"reasonReference\":[{\"reference\":\"Condition/stone\"}]");
        bench.Load(
            $$"""
            {"resourceType":"Condition","id":"stone","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},
             "code":{"coding":[{"system":"http://snomed.info/sct","code":"95570007"}]},{{Subject}},"onsetDateTime":"2024-05-01"}
            """);
        await using var record = await bench.RecordAsync();

        Assert.That(record.Planned!.Plans.Select(p => p.Plan.Id), Is.EqualTo(new[] { "core", "urology-stones" }));
    }

    [TestCase("", false)]
    [TestCase(",\"supportingInfo\":[{\"reference\":\"DocumentReference/session\"}]", true)]
    public async Task What_a_plan_keeps_back_travels_only_when_the_order_names_it(string more, bool travels)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa + more);
        bench.Load(
            $$"""{"resourceType":"DocumentReference","id":"session","status":"current","type":{"text":"Psychotherapy notes"},{{Subject}},"date":"2026-10-01T00:00:00Z","content":[ { "attachment": { "title": "x" } } ] }""",
            $$"""
            {"resourceType":"Condition","id":"low","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
             "code":{"text":"Low mood"},{{Subject}},"evidence":[{"detail":[{"reference":"DocumentReference/session"}]}]}
            """);
        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Keys(record).Contains("DocumentReference/session"), Is.EqualTo(travels));
            Assert.That(record.Gaps.Select(g => g.Reason).Contains("must-not-send"), Is.EqualTo(!travels));
        });
    }

    [Test]
    public async Task A_plan_that_holds_for_what_is_absent_holds_the_gathering()
    {
        using var folder = new PlanFolder();
        await using var bench = (await GatherBench.StartAsync(plans: folder.With(PlanFolder.Plan()).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}");

        var outcome = await bench.GatherAsync() as GatherOutcome.Impossible;

        Assert.Multiple(() =>
        {
            Assert.That(outcome?.Code, Is.EqualTo("record-incomplete"));
            Assert.That(outcome?.Message, Does.StartWith("The record lacks 1 of the items"));
            Assert.That(outcome?.Missing, Is.EqualTo(new[] { "plan:own-plan/crp" }));
        });
    }

    private static string Result(string id, string loinc, string day = "2026-10-01") => $$"""
        {"resourceType":"Observation","id":"{{id}}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"{{loinc}}"}]},{{Subject}},"effectiveDateTime":"{{day}}T08:00:00Z"}
        """;

    private static string[] Keys(GatheredRecord record) => [.. record.Resources.Select(r => r.Key.ToString())];

    private static string[] Reasons(GatheredRecord record, string id) => [.. record.Resources.Single(r => r.Key.Id == id).Reasons.Select(r => r.Rule)];
}
