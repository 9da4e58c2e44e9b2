using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The machine's clock is set while referrals wait.</summary>
public sealed class SteadyClockTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Left_alone_it_tells_the_machines_time()
    {
        var machine = new SetClock(Noon);
        var clock = new SteadyClock(machine);

        machine.Pass(TimeSpan.FromSeconds(7));

        Assert.That(clock.GetUtcNow(), Is.EqualTo(Noon.AddSeconds(7)));
    }

    [Test]
    [Fault("T02")]
    public void Set_back_an_hour_it_goes_on_at_half_speed_so_that_what_waits_waits_at_most_twice_as_long_and_never_fires_early()
    {
        var machine = new SetClock(Noon);
        var clock = new SteadyClock(machine);
        var due = clock.GetUtcNow().AddMinutes(1);

        machine.Set(TimeSpan.FromHours(-1));
        machine.Pass(TimeSpan.FromSeconds(59));
        var early = clock.GetUtcNow();
        machine.Pass(TimeSpan.FromSeconds(61));

        Assert.Multiple(() =>
        {
            Assert.That(early, Is.LessThan(due));
            Assert.That(clock.GetUtcNow(), Is.EqualTo(due));
        });
    }

    [Test]
    [Fault("T02")]
    public void When_the_machine_has_come_up_to_it_they_agree_again()
    {
        var machine = new SetClock(Noon);
        var clock = new SteadyClock(machine);
        clock.GetUtcNow();
        machine.Set(TimeSpan.FromHours(-1));

        machine.Pass(TimeSpan.FromMinutes(30));
        var behind = clock.GetUtcNow();
        machine.Pass(TimeSpan.FromMinutes(90));
        var caughtUp = clock.GetUtcNow();
        machine.Pass(TimeSpan.FromSeconds(5));

        Assert.That((behind, caughtUp, clock.GetUtcNow()), Is.EqualTo((Noon.AddMinutes(15), Noon.AddHours(1), Noon.AddHours(1).AddSeconds(5))));
    }

    [Test]
    [Fault("T02")]
    public async Task A_lease_in_the_ledger_holds_while_the_clock_is_set_back_an_hour_and_ends_at_most_twice_as_late()
    {
        var machine = new SetClock(Noon);
        await using var ledger = await TemporaryLedger.OpenAsync(new SteadyClock(machine));
        // For a minute.
        var held = await ledger.BegunAsync(await ledger.ReceivedAsync("order-1"));

        machine.Set(TimeSpan.FromHours(-1));
        machine.Pass(TimeSpan.FromSeconds(119));
        var early = await ClaimAsync(ledger);
        machine.Pass(TimeSpan.FromSeconds(2));
        var late = await ClaimAsync(ledger);

        Assert.Multiple(() =>
        {
            Assert.That(early, Is.Empty);
            Assert.That(late.Select(claim => claim.Id), Is.EqualTo(new[] { held.Id }));
            Assert.That(late.Select(claim => claim.Fence), Has.All.GreaterThan(held.Fence));
        });
    }

    [Test]
    public void Set_forward_it_follows_at_once()
    {
        var machine = new SetClock(Noon);
        var clock = new SteadyClock(machine);
        clock.GetUtcNow();

        machine.Set(TimeSpan.FromHours(1));

        Assert.That(clock.GetUtcNow(), Is.EqualTo(Noon.AddHours(1)));
    }

    private static async Task<IReadOnlyList<ClaimedReferral>> ClaimAsync(TemporaryLedger ledger)
        => [.. await ledger.Referrals.ClaimDueAsync(new ClaimLimits(10, TimeSpan.FromMinutes(1), 10, 10), CancellationToken.None)];

    /// <summary>A machine whose wall clock can be set apart from the time that passes.</summary>
    private sealed class SetClock(DateTimeOffset start) : TimeProvider
    {
        private TimeSpan _passed;
        private TimeSpan _set;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan by) => _passed += by;

        public void Set(TimeSpan by) => _set += by;

        public override DateTimeOffset GetUtcNow() => start + _passed + _set;

        public override long GetTimestamp() => _passed.Ticks;
    }
}
