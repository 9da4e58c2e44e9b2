using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Tests.Gathering;

/// <summary>A denial must not get lost because a server answers as if it had no Consents: only one that neither lists nor knows the type has none.</summary>
public sealed class ConsentSearchTests
{
    private const string Listed = "Consent", Unlisted = "Observation", Silent = "";

    [TestCase(Listed, 404, "not-found")]
    [TestCase(Listed, 410, "gone")]
    [TestCase(Listed, 400, "refused")]
    [TestCase(Listed, 403, "forbidden")]
    [TestCase(Unlisted, 404, "not-offered")]
    [TestCase(Unlisted, 400, "not-offered")]
    [TestCase(Unlisted, 501, "not-offered")]
    [TestCase(Unlisted, 403, "forbidden")]
    [TestCase(Unlisted, 410, "gone")]
    [TestCase(Silent, 404, "not-offered")]
    [TestCase(Silent, 400, "refused")]
    public async Task Only_a_server_that_neither_lists_nor_knows_consents_has_none(string lists, int status, string gap)
    {
        await using var bench = await BenchAsync(lists);
        bench.Ehr.Faults.Add(new Fault { Path = "^/Consent", Status = status, Times = null });

        await using var record = await bench.RecordAsync(tries: 3);

        Assert.That(record.GapLines(), Does.Contain($"Consent?search.Consent {gap} search.Consent"));
    }

    [Test]
    public async Task Consents_that_no_statement_lists_are_asked_for_all_the_same()
    {
        await using var bench = await BenchAsync(Unlisted);
        bench.Load(Consent("c"));

        await using var record = await bench.RecordAsync();

        Assert.That(record.Keys(), Does.Contain("Consent/c"));
    }

    [TestCase(404)]
    [TestCase(410)]
    public async Task A_search_that_ends_in_the_middle_is_waited_for_and_then_told(int status)
    {
        await using var bench = await BenchAsync(Listed, new SearchHabits { MaxPageSize = 1 });
        bench.Load(Consent("c1"), Consent("c2"));
        bench.Ehr.Faults.Add(new Fault { Path = "_getpages", Status = status, Times = null });

        var deferred = await bench.GatherAsync();
        await using var record = await bench.RecordAsync(tries: 3);

        Assert.Multiple(() =>
        {
            Assert.That((deferred as GatherOutcome.Deferred)?.Code, Is.EqualTo(ReasonCodes.EhrError));
            Assert.That(record.GapLines(), Does.Contain("Consent?search.Consent incomplete-answer search.Consent"));
        });
    }

    private static async Task<GatherBench> BenchAsync(string lists, SearchHabits? habits = null)
    {
        var bench = (await GatherBench.StartAsync(new SandboxEhrOptions { Search = habits ?? new() })).WithOrder();
        string statement = $$"""{"resourceType":"CapabilityStatement","status":"active","kind":"instance","rest":[{"mode":"server","resource":[{"type":"{{lists}}"}]}]}""";
        if (lists == Silent) bench.Ehr.Faults.Add(new Fault { Path = "^/metadata", Status = 404, Times = null });
        else bench.Ehr.Faults.Add(new Fault { Path = "^/metadata", Status = 200, Body = statement, Times = null });
        return bench;
    }

    private static string Consent(string id) => $$"""
        { "resourceType":"Consent","id":"{{id}}","status":"active","scope":{"text":"privacy"},"category":[{"text":"disclosure"}],"patient":{"reference":"Patient/p1"},"provision":{"type":"deny"} }
        """;
}
