using ReferralService.AcceptanceTests.Faults.Broker;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.Status;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>The relay on a broker that does not work. Each test has a broker of its own.</summary>
[TestFixture]
[Parallelizable]
internal sealed class BrokerOutageTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(120);

    [Test]
    [Fault("B04")]
    public async Task A_frozen_broker_is_given_up_after_ten_seconds_by_our_own_clock_and_costs_nothing_but_repetitions()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        var clock = new ManualTimeProvider();
        // No heartbeat ends the connection for us.
        await using var relay = await RelayUnderTest.StartAsync(broker.Address, clock: clock, heartbeat: TimeSpan.FromMinutes(10));
        var before = await relay.Ledger.WriteReferralsAsync(referrals: 40, events: 4, prefix: "before");
        await listener.WaitForAsync(Ids(before), events: 160, Ceiling);
        await relay.UntilEmptyAsync(Ceiling);

        broker.Freeze();
        var meanwhile = await relay.Ledger.WriteReferralsAsync(referrals: 40, events: 4, prefix: "meanwhile");
        var frozen = clock.GetUtcNow();
        await Eventually.HoldsAsync(
            () =>
            {
                var down = relay.Status.Now == BrokerState.Down;
                clock.Advance(down ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
                return Task.FromResult(down);
            },
            "given up",
            Ceiling);
        var took = clock.GetUtcNow() - frozen;
        var named = relay.Troubles.Now.Select(one => (one.Use, one.Trouble.Code)).ToList();
        broker.Thaw();
        // Its pauses; closing a connection and opening the next have ceilings by this clock too, so it goes on only as fast as they do.
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(relay.Status.Now == BrokerState.Connected);
            },
            "connected again",
            Ceiling);

        await AssertAllHeardAsync(listener, relay, [.. before, .. meanwhile], events: 320);
        Assert.Multiple(() =>
        {
            // What the machine needs to see it comes on top.
            Assert.That(took, Is.InRange(StatusChannel.PublishCeiling, TimeSpan.FromMinutes(1)));
            Assert.That(named, Is.EqualTo(new[] { (BrokerUse.Events, BrokerTrouble.Silent.Code) }));
        });
    }

    [Test]
    [Fault("B03")]
    public async Task A_broker_killed_in_the_middle_gets_the_rest_when_it_is_back()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        var before = await relay.Ledger.WriteReferralsAsync(referrals: 40, events: 4, prefix: "before");
        await listener.WaitForAsync(Ids(before), events: 40, Ceiling);

        await broker.KillAsync();
        var meanwhile = await relay.Ledger.WriteReferralsAsync(referrals: 40, events: 4, prefix: "meanwhile");
        await broker.StartAsync();

        await AssertAllHeardAsync(listener, relay, [.. before, .. meanwhile], events: 320);
    }

    [Test]
    [Fault("B01")]
    public async Task A_broker_that_is_away_at_the_start_is_waited_for_and_seen_by_health()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await broker.StopAsync();
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        var written = await relay.Ledger.WriteReferralsAsync(referrals: 10, events: 3, prefix: "early");
        var atStart = relay.Status.Now;

        await broker.StartAsync();

        await AssertAllHeardAsync(listener, relay, written, events: 30);
        Assert.That((atStart, relay.Status.Now), Is.EqualTo((BrokerState.Connecting, BrokerState.Connected)));
    }

    [Test]
    public async Task A_broker_that_lets_us_in_and_takes_nothing_is_asked_again_only_after_a_pause()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await broker.ControlAsync("set_permissions", "guest", ".*", "^$", ".*");
        var clock = new ManualTimeProvider();
        await using var relay = await RelayUnderTest.StartAsync(broker.Address, clock: clock);
        var written = await relay.Ledger.WriteReferralsAsync(referrals: 1, events: 3, prefix: "unwelcome");
        await relay.UntilAsync(BrokerState.Down, Ceiling);
        await broker.ControlAsync("set_permissions", "guest", ".*", ".*", ".*");
        var beforeThePause = listener.Heard.Count;

        clock.Advance(TimeSpan.FromSeconds(5));

        await AssertAllHeardAsync(listener, relay, written, events: 3);
        Assert.That(beforeThePause, Is.Zero);
    }

    [Test]
    public async Task A_connection_that_ends_before_it_moved_anything_is_made_anew_only_after_a_pause()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var proxy = FaultProxy.Start(broker.Address);
        var clock = new ManualTimeProvider();
        await using var relay = await RelayUnderTest.StartAsync(proxy.Before(broker.Address), clock: clock);
        await relay.UntilAsync(BrokerState.Connected, Ceiling);

        proxy.CutAll();
        await Eventually.HoldsAsync(
            () =>
            {
                var down = relay.Status.Now == BrokerState.Down;
                // Of half a second: so long it waits for events before it looks at its connection. The pause is ten of them.
                clock.Advance(down ? TimeSpan.Zero : TimeSpan.FromMilliseconds(500));
                return Task.FromResult(down);
            },
            "down, and it stays so",
            TimeSpan.FromSeconds(30));
        var made = proxy.Connections;
        clock.Advance(TimeSpan.FromSeconds(5));
        await relay.UntilAsync(BrokerState.Connected, Ceiling);

        Assert.That((made, proxy.Connections), Is.EqualTo((1, 2)));
    }

    private static async Task AssertAllHeardAsync(StatusListener listener, RelayUnderTest relay, IReadOnlyList<Referral> referrals, int events)
    {
        var heard = await listener.WaitForAsync(Ids(referrals), events, Ceiling);
        Assert.That(await HeardWell.FaultsAsync(relay.Ledger, referrals, heard), Is.Empty);
    }

    private static string[] Ids(IReadOnlyList<Referral> referrals) => [.. referrals.Select(r => r.Id.ToString())];
}
