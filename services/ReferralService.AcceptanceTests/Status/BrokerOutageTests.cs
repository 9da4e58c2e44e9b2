using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.Status;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>The relay on a broker that does not work. Each test has a broker of its own.</summary>
[TestFixture]
internal sealed class BrokerOutageTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(120);

    [Test]
    [Fault("B04")]
    public async Task A_broker_frozen_for_ten_seconds_costs_nothing_but_repetitions()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        var before = await relay.Ledger.WriteReferralsAsync(referrals: 40, events: 4, prefix: "before");
        await listener.WaitForAsync(Ids(before), events: 40, Ceiling);

        broker.Freeze();
        var meanwhile = await relay.Ledger.WriteReferralsAsync(referrals: 40, events: 4, prefix: "meanwhile");
        await Task.Delay(TimeSpan.FromSeconds(11), TimeProvider.System);
        broker.Thaw();

        await AssertAllHeardAsync(listener, relay, [.. before, .. meanwhile], events: 320);
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

    private static async Task AssertAllHeardAsync(StatusListener listener, RelayUnderTest relay, IReadOnlyList<Referral> referrals, int events)
    {
        var heard = await listener.WaitForAsync(Ids(referrals), events, Ceiling);
        Assert.That(await HeardWell.FaultsAsync(relay.Ledger, referrals, heard), Is.Empty);
    }

    private static string[] Ids(IReadOnlyList<Referral> referrals) => [.. referrals.Select(r => r.Id.ToString())];
}
