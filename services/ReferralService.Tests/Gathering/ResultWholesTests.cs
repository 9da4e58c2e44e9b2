using ReferralService.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>Results with their reports, panels with their members, whichever of them a plan asked for.</summary>
public sealed class ResultWholesTests
{
    private const string Psa = "\"code\":{\"text\":\"Elevated PSA\"}";
    private const string Subject = "\"subject\":{\"reference\":\"Patient/p1\"}";

    [Test]
    public async Task A_kept_result_brings_the_report_that_states_it_and_that_report_is_whole()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(Result("psa", "2857-1"), Result("free", "99999-1"), Result("other", "99999-2"), Report("lab", "psa", "free"), Report("unrelated", "other"));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("lab"), Is.EqualTo(new[] { new InclusionReason("Observation<-DiagnosticReport.result", "Observation/psa") }));
            Assert.That(record.Reasons("free"), Is.EqualTo(new[] { new InclusionReason("DiagnosticReport.result", "DiagnosticReport/lab") }));
            Assert.That(record.Keys(), Does.Not.Contain("DiagnosticReport/unrelated").And.Not.Contain("Observation/other"));
            Assert.That(record.GapLines(), Has.None.Contains("DiagnosticReport/lab").And.None.Contains("Observation/free"));
        });
    }

    [Test]
    public async Task A_kept_member_brings_its_panel_and_the_report_of_the_panel()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(
            Result("psa", "2857-1"), Result("ratio", "99999-1"),
            Result("panel", "99999-3", ",\"hasMember\":[{\"reference\":\"Observation/psa\"},{\"reference\":\"Observation/ratio\"}]"), Report("lab", "panel"));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("panel"), Is.EqualTo(new[]
            {
                new InclusionReason("DiagnosticReport.result", "DiagnosticReport/lab"), new InclusionReason("Observation<-Observation.hasMember", "Observation/psa"),
            }));
            Assert.That(record.Reasons("lab"), Is.EqualTo(new[] { new InclusionReason("Observation<-DiagnosticReport.result", "Observation/panel") }));
            Assert.That(record.Keys(), Does.Contain("Observation/ratio"));
        });
    }

    [Test]
    public async Task A_chart_of_a_whole_day_comes_without_what_no_plan_wants_and_says_so()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        string[] others = [.. Enumerable.Range(0, BackwardEdges.MostParts).Select(i => $"o{i}")];
        bench.Load([Result("psa", "2857-1"), .. others.Select(o => Result(o, "99999-1")), Report("chart", [.. others, "psa"])]);

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Keys(), Does.Contain("DiagnosticReport/chart").And.Not.Contain("Observation/o0"));
            Assert.That(record.GapLines(), Is.SupersetOf(others.Select(o => $"Observation/{o} limit DiagnosticReport.result")));
            Assert.That(record.GapLines(), Has.None.Contains("Observation/psa"));
        });
    }

    [TestCase(false, "not-found")]
    [TestCase(true, "gone")]
    [Fault("S28")]
    public async Task A_panel_whose_member_is_missing_is_told(bool deleted, string reason)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(Result("panel", "2857-1", ",\"hasMember\":[{\"reference\":\"Observation/lost\"}]"));
        if (deleted)
        {
            bench.Load(Result("lost", "99999-1"));
            bench.Ehr.Delete("Observation", "lost");
        }

        await using var record = await bench.RecordAsync();

        Assert.That(record.GapLines(), Does.Contain($"Observation/lost {reason} Observation.hasMember"));
    }

    [Test]
    public async Task What_no_kept_result_belongs_to_stays_away_however_many_reports_name_each_other()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(Result("a", "99999-1", ",\"hasMember\":[{\"reference\":\"Observation/b\"}]"), Result("b", "99999-1", ",\"hasMember\":[{\"reference\":\"Observation/a\"}]"), Report("r", "a", "b"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EqualTo(new[] { "Patient/p1", "ServiceRequest/o1" }));
    }

    [Test]
    public async Task A_pathology_report_comes_with_its_specimens_and_what_they_were_taken_from()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(
            $$"""
            {"resourceType":"DiagnosticReport","id":"path","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"60568-3"}],"text":"Prostate biopsy pathology"},
             {{Subject}},"effectiveDateTime":"2026-10-01","specimen":[{"reference":"Specimen/slide"}]}
            """,
            $$"""{"resourceType":"Specimen","id":"slide",{{Subject}},"parent":[{"reference":"Specimen/block"}],"collection":{"collector":{"reference":"Practitioner/surgeon"} } }""",
            $$"""{"resourceType":"Specimen","id":"block",{{Subject}},"parent":[{"reference":"Specimen/core"}]}""",
            $$"""{"resourceType":"Specimen","id":"core",{{Subject}},"status":"available"}""",
            """{"resourceType":"Practitioner","id":"surgeon"}""");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("path").Select(r => r.Rule), Has.Some.StartsWith("plan:urology-psa/"));
            Assert.That(record.Reasons("slide"), Is.EqualTo(new[] { new InclusionReason("DiagnosticReport.specimen", "DiagnosticReport/path") }));
            Assert.That(record.Reasons("core"), Is.EqualTo(new[] { new InclusionReason("Specimen.parent", "Specimen/block") }));
            Assert.That(record.Keys(), Does.Contain("Practitioner/surgeon"));
        });
    }

    [Test]
    public async Task A_corrected_result_takes_the_place_of_the_older_one_and_is_marked()
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(
            Result("panel", "2857-1", ",\"hasMember\":[{\"reference\":\"Observation/psa/_history/1\"}]"),
            Result("psa", "2857-1").Replace("\"id\":\"psa\"", "\"id\":\"psa\",\"meta\":{\"versionId\":\"1\",\"lastUpdated\":\"2026-10-01T08:00:00Z\"}", StringComparison.Ordinal),
            Result("psa", "2857-1").Replace("\"id\":\"psa\",\"status\":\"final\"", "\"id\":\"psa\",\"meta\":{\"versionId\":\"2\"},\"status\":\"corrected\"", StringComparison.Ordinal));

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Resources.Single(r => r.Key.Id == "psa").Standing, Is.EqualTo("corrected"));
            Assert.That(record.GapLines(), Does.Contain("Observation/psa/_history/1 other-version Observation.hasMember"));
        });
    }

    [TestCase("preliminary", "preliminary")]
    [TestCase("registered", "registered")]
    [TestCase("amended", "amended")]
    [TestCase("final", null)]
    [TestCase("unknown", null)]
    public async Task What_is_not_simply_final_is_marked(string status, string? standing)
    {
        await using var bench = (await GatherBench.StartAsync()).WithOrder(Psa);
        bench.Load(Result("psa", "2857-1").Replace("\"final\"", $"\"{status}\"", StringComparison.Ordinal));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Resources.Single(r => r.Key.Id == "psa").Standing, Is.EqualTo(standing));
    }

    private static string Result(string id, string loinc, string more = "") => $$"""
        {"resourceType":"Observation","id":"{{id}}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"{{loinc}}"}]},{{Subject}},"effectiveDateTime":"2026-10-01T08:00:00Z"{{more}}}
        """;

    private static string Report(string id, params string[] results) => $$"""
        {"resourceType":"DiagnosticReport","id":"{{id}}","status":"final","code":{"text":"Laboratory report"},{{Subject}},"effectiveDateTime":"2026-10-01T08:00:00Z",
         "result":[{{string.Join(',', results.Select(r => $$"""{"reference":"Observation/{{r}}"}"""))}}]}
        """;
}
