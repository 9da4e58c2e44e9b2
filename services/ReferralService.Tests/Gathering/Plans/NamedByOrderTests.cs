using System.Text.Json.Nodes;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>What the order names is judged with what the searches found: a letter that only it leads to is there.</summary>
public sealed class NamedByOrderTests
{
    private const string Item = "plan:own-plan/letters";

    [TestCase("hold")]
    [TestCase("send")]
    public async Task A_letter_that_no_search_finds_counts_where_the_order_names_it(string onMissing)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, onMissing, ",\"supportingInfo\":[{\"reference\":\"DocumentReference/letter\"}]");

        await using var record = await bench.RecordAsync(tries: 2);

        Assert.Multiple(() =>
        {
            Assert.That(record.Planned!.Checklist.Rows.Single(r => r.Item == Item).Status, Is.EqualTo(CheckStatus.Present));
            Assert.That(record.Reasons("letter"), Is.EqualTo(new[] { new InclusionReason("order.supportingInfo", "ServiceRequest/o1"), new InclusionReason(Item, null) }));
        });
    }

    [TestCase("", TestName = "Nobody names it")]
    [TestCase(",\"supportingInfo\":[{\"reference\":\"DocumentReference/lost\"}]", TestName = "The order names one that is not there")]
    public async Task Without_it_the_referral_is_held(string order)
    {
        using var folder = new PlanFolder();
        await using var bench = await BenchAsync(folder, "hold", order);

        Assert.That(await bench.GatherAsync(tries: 2), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo("record-incomplete"));
    }

    private static async Task<GatherBench> BenchAsync(PlanFolder folder, string onMissing, string order)
    {
        var plan = PlanFolder.Plan();
        plan["must"] = JsonNode.Parse("""[{"id":"letters","label":"Letters","types":["DocumentReference"],"words":["letter"],"lookBack":"P2Y","series":true}]""");
        plan["onMissing"] = onMissing;
        var bench = (await GatherBench.StartAsync(plans: folder.With(plan).Book())).WithOrder("\"code\":{\"text\":\"A rash\"}" + order);
        bench.Ehr.Faults.Add(new Fault { Path = @"^/DocumentReference\?", Status = 404, Times = null });
        bench.Load("""
            {"resourceType":"DocumentReference","id":"letter","status":"current","type":{"text":"Letter"},"subject":{"reference":"Patient/p1"},"date":"2026-10-01T00:00:00Z",
             "content":[{"attachment":{"title":"x"} }]}
            """);
        return bench;
    }
}
