using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Tests.Gathering;

/// <summary>One resource that cannot be read safely costs itself: a gap where it may be missing, at once a person's business where it may not.</summary>
public sealed class UnreadableHitTests
{
    private static readonly string TooDeep = string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70);
    private static readonly string FarTooDeep = new string('[', 5000) + new string(']', 5000);

    private static IEnumerable<TestCaseData> Unreadable() =>
    [
        new TestCaseData("\"status\":\"final\",\"status\":\"final\"").SetName("a key twice"),
        new TestCaseData($"\"x\":{TooDeep}").SetName("too deep"),
        new TestCaseData($"\"x\":{FarTooDeep}").SetName("far too deep"),
        new TestCaseData("\"note\":\"\\ud800\"").SetName("half a character"),
        new TestCaseData("\"note\":\"\\u0000\"").SetName("U+0000"),
        new TestCaseData("\"meta\":\"none\"").SetName("meta that is none"),
    ];

    [TestCaseSource(nameof(Unreadable))]
    public async Task Where_it_may_be_missing_it_is_a_gap_and_its_neighbours_are_there(string elements)
    {
        await using var bench = await StartAsync("Procedure", elements);

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Is.EquivalentTo(new[] { "Patient/p1", "Procedure/after", "Procedure/before", "ServiceRequest/o1" }));
        Assert.That(record.GapLines(), Is.EqualTo(new[] { "Procedure/odd not-fhir search.Procedure" }));
    }

    [TestCaseSource(nameof(Unreadable))]
    public async Task Where_it_must_be_there_the_referral_is_held_at_once_and_its_type_is_named(string elements)
    {
        await using var bench = await StartAsync("Observation", elements);

        var held = (GatherOutcome.Impossible)await bench.GatherAsync();

        Assert.That(held.Code, Is.EqualTo(ReasonCodes.RecordIncomplete));
        Assert.That(held.Message, Does.Contain("Observation").And.Not.Contain("odd"));
    }

    [Test]
    public async Task One_that_does_not_say_what_it_is_counts_as_what_was_asked_for()
    {
        await using var bench = await StartAsync("Observation", "\"status\":\"final\"", type: "");

        Assert.That(await bench.GatherAsync(), Is.InstanceOf<GatherOutcome.Impossible>().With.Property("Code").EqualTo(ReasonCodes.RecordIncomplete));
    }

    [Test]
    public async Task An_order_that_cannot_be_read_does_not_stop_the_sweep()
    {
        await using var bench = await GatherBench.StartAsync();
        bench.Ehr.Faults.Add(new Fault
        {
            Path = "^/ServiceRequest", Times = null,
            Body = """
                {"resourceType":"Bundle","type":"searchset","entry":[
                 {"resource":{"resourceType":"ServiceRequest","id":"odd","status":"active","status":"active"}},
                 {"resource":{"resourceType":"ServiceRequest","id":"good","meta":{"versionId":"1"},"status":"active"}}]}
                """,
        });
        var stored = new List<string>();

        var outcome = await bench.Sweep.RunAsync("main", GatherBench.Now.AddDays(-1), false, GatherBench.Now, (orders, _) =>
        {
            stored.AddRange(orders.Select(o => o.OrderId));
            return Task.CompletedTask;
        }, CancellationToken.None);

        Assert.That(outcome, Is.InstanceOf<SweepOutcome.Swept>());
        Assert.That(stored, Is.EqualTo(new[] { "odd", "good" }));
    }

    private static async Task<GatherBench> StartAsync(string search, string elements, string? type = null)
    {
        var bench = await GatherBench.StartAsync();
        bench.WithOrder();
        string Hit(string id, string more, string? of = null)
            => $$"""{"resource":{ {{((of ?? search).Length > 0 ? $"\"resourceType\":\"{of ?? search}\"," : "")}}"id":"{{id}}",{{more}},"subject":{"reference":"Patient/p1"} } }""";
        bench.Ehr.Faults.Add(new Fault
        {
            Path = $"^/{search}", Times = null,
            Body = $$"""{"resourceType":"Bundle","type":"searchset","entry":[{{Hit("before", "\"status\":\"final\"")}},{{Hit("odd", elements, type)}},{{Hit("after", "\"status\":\"final\"")}}]}""",
        });
        return bench;
    }
}
