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

    private static async Task<GatherBench> BenchAsync(PlanFolder folder, string item, string order = "", string code = "replaces")
    {
        var plan = PlanFolder.Plan();
        plan["must"] = JsonNode.Parse($$"""[{"id":"letters","label":"Letters","types":["DocumentReference"],"words":["letter"],"lookBack":"P2Y","series":true{{item}}}]""");
        plan["onMissing"] = "send";
        var bench = (await GatherBench.StartAsync(plans: folder.With(plan).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}" + order);
        bench.Load(Document("old", ""), Document("new", $$"""
            ,"relatesTo":[{"code":"{{code}}","target":{"reference":"DocumentReference/old"} }]
            """));
        return bench;
    }

    private static string Document(string id, string more) => $$"""
        {"resourceType":"DocumentReference","id":"{{id}}","status":"current","type":{"text":"Letter"},"subject":{"reference":"Patient/p1"},"date":"2026-10-01T00:00:00Z",
         "content":[{"attachment":{"title":"x"} }]{{more}}}
        """;
}
