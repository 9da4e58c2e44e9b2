using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

/// <summary>What a replica that died held is free as soon as its death is seen, and what anyone else holds is not.</summary>
internal sealed class ReplicaTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Test]
    public async Task What_a_dead_replica_had_begun_is_free_and_counts_as_a_crash()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var roll = new ReplicaRoll(ledger.Database);
        var begun = await BegunAsync(ledger.Referrals, "1", Long);
        await roll.RenewAsync(NoLease, None);

        var dead = await roll.FreeOfTheDeadAsync(None);

        Assert.That(dead, Is.EqualTo(1));
        Assert.That((await ClaimAsync(ledger.Referrals)).Select(c => (c.Id, c.Crashes)), Is.EqualTo(new[] { (begun.Id, 1) }));
    }

    [TestCase("Probe", false)]
    [TestCase("IfNoneExist", false)]
    [TestCase("IdempotencyKey", false)]
    [TestCase(null, false)]
    [TestCase("PutId", true)]
    public async Task An_attempt_that_a_dead_replica_had_begun_keeps_its_lease_unless_its_repetition_changes_nothing(string? by, bool free)
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var roll = new ReplicaRoll(ledger.Database);
        var held = await BegunAsync(ledger.Referrals, "1", Long);
        // Its clock was a day behind: what it wrote of the attempt's beginning tells nothing.
        await ledger.Referrals.AdvanceAsync(held, r => StepTransitions.AttemptBegun(r, TimeSpan.FromDays(3), Start.AddDays(-1), by), Long, None);
        await roll.RenewAsync(NoLease, None);

        await roll.FreeOfTheDeadAsync(None);

        Assert.That(await ClaimAsync(ledger.Referrals), Has.Count.EqualTo(free ? 1 : 0));
    }

    [Test]
    public async Task What_a_replica_holds_that_lives_is_left_to_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var roll = new ReplicaRoll(ledger.Database);
        await BegunAsync(ledger.Referrals, "1", Long);
        await roll.RenewAsync(Long, None);

        var dead = await roll.FreeOfTheDeadAsync(None);

        Assert.That(dead, Is.Zero);
        Assert.That(await ClaimAsync(ledger.Referrals), Is.Empty);
    }

    [Test]
    public async Task A_lease_that_the_build_before_this_one_took_is_not_freed_for_the_dead_holder_before_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var roll = new ReplicaRoll(ledger.Database);
        await BegunAsync(ledger.Referrals, "1", Long);
        // That build claims as this one does, and names nobody.
        await ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE referral SET fence = fence + 1", new Values(), None), None);
        await roll.RenewAsync(NoLease, None);

        await roll.FreeOfTheDeadAsync(None);

        Assert.That(await ClaimAsync(ledger.Referrals), Is.Empty);
    }

    [Test]
    public async Task Notices_sweeps_and_events_of_a_dead_replica_are_free_too()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var roll = new ReplicaRoll(ledger.Database);
        await CreateAsync(ledger.Referrals, New("1"));
        await ledger.Notices.RecordAsync([new NoticeHint("main", "2", "1", NoticeSource.Hook)], None);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        Assert.That(await TakeAllAsync(), Is.EqualTo((1, true, 1)));
        await roll.RenewAsync(NoLease, None);

        await roll.FreeOfTheDeadAsync(None);

        Assert.That(await TakeAllAsync(), Is.EqualTo((1, true, 1)));

        async Task<(int Notices, bool Sweep, int Events)> TakeAllAsync() => (
            (await ledger.Notices.ClaimAsync(10, Long, [], None)).Count,
            await ledger.Notices.ClaimSweepAsync("main", TimeSpan.FromMinutes(1), Long, None) is not null,
            (await ledger.Outbox.ClaimAsync(10, Long, None)).Count);
    }

    [Test]
    public async Task A_replica_that_leaves_holds_nothing_any_more()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var roll = new ReplicaRoll(ledger.Database);
        await CreateAsync(ledger.Referrals, New("1"));
        await ClaimAsync(ledger.Referrals, lease: Long);

        await roll.LeaveAsync(None);

        Assert.That(await ClaimAsync(ledger.Referrals), Has.Count.EqualTo(1));
    }
}
