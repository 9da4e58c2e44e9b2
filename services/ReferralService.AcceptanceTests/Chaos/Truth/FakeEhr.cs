using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;

namespace ReferralService.AcceptanceTests.Chaos.Truth;

/// <summary>An EHR behind a fault proxy, with a ledger of the orders it has and another of the triggers that were taken.</summary>
internal sealed class FakeEhr : IAsyncDisposable
{
    public const string Secret = "secret-of-the-fault-rig";

    private readonly SandboxEhr _server;
    private readonly TruthLedger _orders;
    private readonly TruthLedger _triggers;

    private FakeEhr(SandboxEhr server, string folder)
    {
        _server = server;
        _orders = new TruthLedger(Path.Combine(folder, "ehr-orders.jsonl"));
        _triggers = new TruthLedger(Path.Combine(folder, "ehr-triggers.jsonl"));
        Way = FaultProxy.Start(new Uri(server.Base));
        server.PublicBase = Base;
    }

    /// <summary>Between the service and it.</summary>
    public FaultProxy Way { get; }

    /// <summary>As the service is told.</summary>
    public string Base => Way.Before(new Uri(_server.Base)).AbsoluteUri;

    public FaultQueue Faults => _server.Faults;

    public RequestLog Requests => _server.Requests;

    public string OrdersFile => _orders.Path;

    public string TriggersFile => _triggers.Path;

    public static async Task<FakeEhr> StartAsync(string folder, IEnumerable<string> recipients)
    {
        var ehr = new FakeEhr(await SandboxEhr.StartAsync(new SandboxEhrOptions { Subscriptions = false }), folder);
        foreach (var recipient in recipients)
        {
            ehr._server.Load(ChaosPatient.Organization(recipient));
        }

        return ehr;
    }

    /// <summary>A new patient and an order for him, visible from now on.</summary>
    /// <param name="wanted">False: a draft, which nobody may act on.</param>
    public void Write(string order, string recipient, bool wanted)
    {
        _server.Load(ChaosPatient.Record(order));
        _orders.Append(new OrderFact(order, recipient, wanted, TimeProvider.System.GetUtcNow(), ChaosPatient.Keys(order)));
        _server.Write(ChaosPatient.Order(order, recipient, wanted ? "active" : "draft"));
    }

    /// <summary>The same, last changed long ago.</summary>
    public void WriteOld(string order, string recipient, DateTimeOffset at)
    {
        _server.Load(ChaosPatient.Record(order));
        _orders.Append(new OrderFact(order, recipient, Wanted: true, at, ChaosPatient.Keys(order)));
        _server.Load(ChaosPatient.OldOrder(order, recipient, at));
    }

    /// <summary>The service said that it has it.</summary>
    public void Taken(string order, string way) => _triggers.Append(new TriggerFact(order, way, TimeProvider.System.GetUtcNow()));

    public async ValueTask DisposeAsync()
    {
        await Way.DisposeAsync();
        await _server.DisposeAsync();
        _orders.Dispose();
        _triggers.Dispose();
    }
}
