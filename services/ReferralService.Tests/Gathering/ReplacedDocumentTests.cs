using System.Text.Json.Nodes;
using ReferralService.Tests.Gathering.Plans;

namespace ReferralService.Tests.Gathering;

/// <summary>A document that another one replaces, although the EHR still calls it current.</summary>
public sealed class ReplacedDocumentTests
{
    private const string Letter = "plan:own-plan/letters";

    [Test]
    public async Task The_one_that_replaces_comes_and_the_other_is_told()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "");

        await using var record = await bench.RecordAsync();

        Assert.Multiple(() =>
        {
            Assert.That(record.Reasons("new").Select(r => r.Rule), Does.Contain(Letter));
            Assert.That(record.Keys(), Does.Not.Contain("DocumentReference/old"));
            Assert.That(record.GapLines().Where(g => g.Contains("/old", StringComparison.Ordinal)), Is.EqualTo(new[] { "DocumentReference/old replaced DocumentReference.relatesTo" }));
        });
    }

    [TestCase(",\"status\":[\"current\",\"superseded\"]", "", TestName = "An item that names superseded ones wants it")]
    [TestCase("", ",\"supportingInfo\":[{\"reference\":\"DocumentReference/old\"}]", TestName = "The order names it")]
    public async Task It_comes_all_the_same_where_somebody_asks_for_it(string item, string order)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, item, order);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("DocumentReference/old").And.Contain("DocumentReference/new"));
    }

    [TestCase("appends")]
    [TestCase("signs")]
    public async Task What_another_document_adds_to_is_not_replaced(string code)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "", code: code);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("DocumentReference/old").And.Contain("DocumentReference/new"));
    }

    [TestCase("", "\"reference\":\"https://elsewhere.example/fhir/DocumentReference/old\"", TestName = "Another server's document of the same id")]
    [TestCase(",\"docStatus\":\"preliminary\"", Old, TestName = "A draft replaces nothing yet")]
    [TestCase(",\"docStatus\":\"entered-in-error\"", Old, TestName = "A document that was entered in error")]
    [TestCase(",\"category\":[{\"text\":\"psychotherapy notes\"}]", Old, TestName = "A document that is kept back")]
    public async Task The_old_one_stays_where_nothing_goes_in_its_place(string newer, string target)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "", newer: newer, target: target);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("DocumentReference/old"));
        Assert.That(record.GapLines(), Has.None.Contains("replaced"));
    }

    [Test]
    public async Task Two_that_replace_each_other_both_come()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "", older: Replaces("replaces", "\"reference\":\"DocumentReference/new\""));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("DocumentReference/old").And.Contain("DocumentReference/new"));
    }

    [Test]
    public async Task Of_three_in_a_row_only_the_newest_comes()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "", older: Replaces("replaces", "\"reference\":\"DocumentReference/oldest\""));
        bench.Load(Document("oldest", ""));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys().Where(k => k.StartsWith("DocumentReference/", StringComparison.Ordinal)), Is.EqualTo(new[] { "DocumentReference/new" }));
        Assert.That(record.Planned!.Replaced.Select(r => $"{r.Old.Id} {string.Join(',', r.By.Select(b => b.Id))}"), Is.EqualTo(new[] { "old new", "oldest new" }));
    }

    [Test]
    public async Task The_old_one_comes_back_by_a_reference_of_what_is_kept()
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "");
        bench.Load("""
            {"resourceType":"Condition","id":"c","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
             "code":{"text":"Rash"},"subject":{"reference":"Patient/p1"},"evidence":[{"detail":[{"reference":"DocumentReference/old"}]}]}
            """);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Reasons("old").Select(r => r.Rule), Is.EqualTo(new[] { "Condition.evidence.detail" }));
    }

    private const string Old = "\"reference\":\"DocumentReference/old\"";

    private static string Replaces(string code, string target) => $$"""
        ,"relatesTo":[{"code":"{{code}}","target":{ {{target}} } }]
        """;

    private static async Task<GatherBench> BenchAsync(PlanFolder folder, string item, string order = "", string code = "replaces", string newer = "", string older = "", string target = Old)
    {
        var plan = PlanFolder.Plan();
        plan["must"] = JsonNode.Parse($$"""[{"id":"letters","label":"Letters","types":["DocumentReference"],"words":["letter"],"lookBack":"P2Y","series":true{{item}}}]""");
        plan["onMissing"] = "send";
        var bench = (await GatherBench.StartAsync(plans: folder.With(plan).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}" + order);
        bench.Load(Document("old", older), Document("new", Replaces(code, target) + newer));
        return bench;
    }

    private static string Document(string id, string more) => $$"""
        {"resourceType":"DocumentReference","id":"{{id}}","status":"current","type":{"text":"Letter"},"subject":{"reference":"Patient/p1"},"date":"2026-10-01T00:00:00Z",
         "content":[{"attachment":{"title":"x"} }]{{more}}}
        """;
}
