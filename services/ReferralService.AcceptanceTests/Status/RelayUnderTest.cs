using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Status;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>The real relay between a real ledger and a real broker.</summary>
internal sealed class RelayUnderTest : IAsyncDisposable
{
    private readonly StatusRelay _relay;

    private RelayUnderTest(TemporaryLedger ledger, StatusRelay relay, BrokerStatus status, BrokerTroubles troubles)
        => (Ledger, _relay, Status, Troubles) = (ledger, relay, status, troubles);

    public TemporaryLedger Ledger { get; }

    public BrokerStatus Status { get; }

    public BrokerTroubles Troubles { get; }

    /// <param name="over">A ledger that is there already.</param>
    /// <param name="clock">Of the relay alone.</param>
    /// <param name="heartbeat">Asked of the broker; null: the service's own.</param>
    public static async Task<RelayUnderTest> StartAsync(Uri broker, TemporaryLedger? over = null, TimeProvider? clock = null, TimeSpan? heartbeat = null)
    {
        clock ??= TimeProvider.System;
        var ledger = over ?? await TemporaryLedger.OpenAsync(TimeProvider.System);
        var status = new BrokerStatus();
        var troubles = new BrokerTroubles();
        var factory = BrokerConnection.Factory(broker, "test");
        factory.RequestedHeartbeat = heartbeat ?? factory.RequestedHeartbeat;
        var link = new StatusBroker(factory, troubles, clock, NullLogger<StatusBroker>.Instance);
        var relay = new StatusRelay(ledger.Outbox, link, status, troubles, ledger.Work, clock, Listening(), NullLogger<StatusRelay>.Instance);
        await relay.StartAsync(CancellationToken.None);
        return new RelayUnderTest(ledger, relay, status, troubles);
    }

    /// <summary>The relay begins when the host listens, and there is none here.</summary>
    private static ApplicationLifetime Listening()
    {
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        lifetime.NotifyStarted();
        return lifetime;
    }

    /// <summary>As the host does at the end: waits for the round under way.</summary>
    public Task StopAsync() => _relay.StopAsync(CancellationToken.None);

    /// <summary>Waits until the outbox has nothing left.</summary>
    public async Task UntilEmptyAsync(TimeSpan ceiling)
    {
        using var limit = new CancellationTokenSource(ceiling);
        while ((await Ledger.Outbox.BacklogAsync(limit.Token)).Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    public async Task UntilAsync(BrokerState state, TimeSpan ceiling)
    {
        using var limit = new CancellationTokenSource(ceiling);
        while (Status.Now != state)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A relay whose clock stands still may wait for ever: a failed test says why, and does not hang.
        await StopAsync().WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _relay.Dispose();
        await Ledger.DisposeAsync();
    }
}
