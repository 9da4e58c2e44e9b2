using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;

namespace ReferralService.Tests.Gathering.Conformance;

/// <summary>The same patient at two servers with different search support gives the same record, byte for byte; what each was asked is printed.</summary>
/// <remarks>The first is a server that nobody here wrote. The second is the same, behind a front of ours that allows no more than US Core requires.</remarks>
[Category("Agreement")]
public sealed class TwoServersTests
{
    private readonly string _data = Directory.CreateTempSubdirectory("conformance").FullName;
    private IndependentServer? _server;
    private UsCoreFront? _front;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var folder = IndependentServer.FolderOrIgnore();
        ReferredPatient.WriteTo(_data);
        _server = await IndependentServer.StartAsync(folder, Path.Combine(folder, "data/synthea2021-tx"), _data);
        _front = await UsCoreFront.StartAsync(_server.Base);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_front is not null) await _front.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Test]
    public async Task Both_give_the_same_record_and_it_is_the_one_that_the_plans_want()
    {
        await using var open = await GatherAsync("independent server", _server!.Base, new LearnedHabits(null));
        await using var sparse = await GatherAsync("US Core front", _front!.Base, new LearnedHabits(null));

        Assert.Multiple(() =>
        {
            Assert.That(Bodies(open), Is.SupersetOf(Bodies(sparse)), "the front hides something");
            Assert.That(Bodies(sparse), Is.SupersetOf(Bodies(open)), "the front lacks something");
            Assert.That(ReferredPatient.Wanted.Except(open.Keys()), Is.Empty, "wanted by hand");
            Assert.That(open.Keys().Intersect(ReferredPatient.Unwanted), Is.Empty, "unwanted by hand");
            Assert.That(Checks(sparse), Is.EqualTo(Checks(open)));
            Assert.That(open.Searches.Where(s => s.Refusal is not null), Is.Empty, "the open server takes the first form of each");
        });
    }

    [Test]
    public async Task What_the_sparse_one_refused_is_not_asked_again()
    {
        var habits = new LearnedHabits(null);
        await using var first = await GatherAsync(shown: null, _front!.Base, habits);
        int refused = _front.Refused.Count;
        await using var second = await GatherAsync("US Core front, the second time", _front.Base, habits);

        Assert.That(refused, Is.GreaterThan(5));
        Assert.That(_front.Refused.Skip(refused), Is.Empty);
        Assert.That(Bodies(second), Is.EqualTo(Bodies(first)));
    }

    private static List<string> Bodies(GatheredRecord record) => [.. record.Resources.Select(r => $"{r.Key} {r.Sha256}")];

    private static List<string> Checks(GatheredRecord record) => [.. record.Planned!.Checklist.Rows.Select(r => $"{r.Item} {r.Status} {r.Date} {string.Join(',', r.Lacks)} {r.Newest}")];

    /// <param name="shown">Under which what was asked is printed; null: not.</param>
    private async Task<GatheredRecord> GatherAsync(string? shown, string fhirBase, LearnedHabits habits)
    {
        var options = new GatheringOptions { SpoolFolder = Path.Combine(_data, "spool") };
        using var connections = new EhrConnections(new EhrRegistry([new EhrOptions { Name = "main", BaseUrl = new Uri(fhirBase) }]), options, new GetPipelineOptions(), new PartnerContacts(), TimeProvider.System);
        var order = (OrderReading.Found)await new OrderReader(connections).ReadAsync("main", ReferredPatient.Order, CancellationToken.None);
        var gatherer = new RecordGatherer(connections, habits, options, new SpoolFolder(options), PlanBook.Shipped(), TimeProvider.System, NullLogger<RecordGatherer>.Instance);
        var outcome = await gatherer.GatherAsync(order.Order, GatherBench.Now, tries: 0, CancellationToken.None);
        Assert.That(outcome, Is.InstanceOf<GatherOutcome.Gathered>());
        var record = ((GatherOutcome.Gathered)outcome).Record;
        if (shown is null) return record;

        TestContext.Out.WriteLine($"{shown}: {record.Resources.Count} resources by {record.Searches.Count(s => s.Refusal is null)} searches answered, {record.Searches.Count(s => s.Refusal is not null)} refused");
        foreach (var s in record.Searches)
            TestContext.Out.WriteLine($"  {s.Type}?{s.Query}  {s.Refusal ?? $"pages {s.Pages}, found {s.Found}, kept {s.Kept}{(s.IgnoredParameters.Count > 0 ? ", ignored " + string.Join(',', s.IgnoredParameters) : "")}"}");
        return record;
    }
}
