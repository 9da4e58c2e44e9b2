using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Sandbox.Ehr;

namespace ReferralService.Tests.Gathering;

/// <summary>A sandbox EHR over real HTTP and the room's classes around it, as the host wires them but for a ledger.</summary>
internal sealed class GatherBench : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private static readonly PlanBook Shipped = PlanBook.Shipped();

    private readonly EhrConnections _connections;
    private readonly string _folder = Directory.CreateTempSubdirectory("gathering-tests").FullName;

    private GatherBench(SandboxEhr ehr, GatheringOptions options, EhrOptions? ehrOptions, PlanBook plans)
    {
        Ehr = ehr;
        options = options with { SpoolFolder = _folder };
        ehrOptions = (ehrOptions ?? new EhrOptions { Name = "main", BaseUrl = new Uri(ehr.Base) }) with { Name = "main", BaseUrl = new Uri(ehr.Base) };
        _connections = new EhrConnections(
            new EhrRegistry([ehrOptions]), options, new GetPipelineOptions { FirstDelay = TimeSpan.FromMilliseconds(1) }, Contacts, TimeProvider.System);
        Orders = new OrderReader(_connections);
        Sweep = new OrderSweep(_connections, options);
        Gatherer = new RecordGatherer(
            _connections, new LearnedHabits(null), options, new SpoolFolder(options), plans, TimeProvider.System, NullLogger<RecordGatherer>.Instance);
    }

    public SandboxEhr Ehr { get; }

    public PartnerContacts Contacts { get; } = new();

    public OrderReader Orders { get; }

    public OrderSweep Sweep { get; }

    public RecordGatherer Gatherer { get; }

    public static async Task<GatherBench> StartAsync(SandboxEhrOptions? ehr = null, GatheringOptions? options = null, EhrOptions? ehrOptions = null, PlanBook? plans = null)
        => new(await SandboxEhr.StartAsync(ehr), options ?? new GatheringOptions(), ehrOptions, plans ?? Shipped);

    /// <summary>Patient p1 with an order o1 that has these further elements.</summary>
    public GatherBench WithOrder(string elements = "")
    {
        Load("""{"resourceType":"Patient","id":"p1","active":true}""");
        Load($$"""
            {"resourceType":"ServiceRequest","id":"o1","meta":{"versionId":"1"},"status":"active","intent":"order",
             "subject":{"reference":"Patient/p1"}{{(elements.Length > 0 ? "," + elements : "")}}}
            """);
        return this;
    }

    public void Load(params string[] resources)
    {
        foreach (var resource in resources) Ehr.Load(Encoding.UTF8.GetBytes(resource));
    }

    public async Task<GatherOutcome> GatherAsync(string order = "o1", int tries = 0, DateTimeOffset? now = null)
    {
        var reading = await Orders.ReadAsync("main", order, CancellationToken.None);
        Assert.That(reading, Is.InstanceOf<OrderReading.Found>());
        return await Gatherer.GatherAsync(((OrderReading.Found)reading).Order, now ?? Now, tries, CancellationToken.None);
    }

    public async Task<GatheredRecord> RecordAsync(string order = "o1", int tries = 0, DateTimeOffset? now = null)
    {
        var outcome = await GatherAsync(order, tries, now);
        Assert.That(outcome, Is.InstanceOf<GatherOutcome.Gathered>());
        return ((GatherOutcome.Gathered)outcome).Record;
    }

    public static string Observation(string id, string elements = "\"effectiveDateTime\":\"2026-10-01T08:00:00Z\"", string patient = "p1", string status = "final")
        => $$"""
            {"resourceType":"Observation","id":"{{id}}","status":"{{status}}","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"AFP"},
             "subject":{"reference":"Patient/{{patient}}"}{{(elements.Length > 0 ? "," + elements : "")}}}
            """;

    public async ValueTask DisposeAsync()
    {
        _connections.Dispose();
        await Ehr.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal static class RecordReading
{
    public static IEnumerable<string> Keys(this GatheredRecord record) => record.Resources.Select(r => r.Key.ToString());

    public static IReadOnlyList<InclusionReason> Reasons(this GatheredRecord record, string id) => record.Resources.Single(r => r.Key.Id == id).Reasons;

    /// <summary>What was asked for and did not come.</summary>
    public static IEnumerable<string> GapLines(this GatheredRecord record) => Lines(record.Gaps.Where(g => !IsLeftOutByPlan(g)));

    /// <summary>What the plan's own searches leave out.</summary>
    public static IEnumerable<string> LeftOutLines(this GatheredRecord record) => Lines(record.Gaps.Where(IsLeftOutByPlan));

    private static IEnumerable<string> Lines(IEnumerable<GatheringGap> gaps) => gaps.Select(g => $"{g.Reference} {g.Reason} {g.Rule}");

    /// <summary>Only its references have values: <c>Observation?date=lt2024-11-22</c>.</summary>
    private static bool IsLeftOutByPlan(GatheringGap gap) => gap.Reference.Contains('=');
}
