using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class SubscriptionBookTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_subscription_is_looked_at_at_once_and_by_one_replica_only()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Subscriptions.OpenAsync("main", "R4", None);

        var first = await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None);
        var second = await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None);

        Assert.That((first is not null, second), Is.EqualTo((true, (KeptSubscription?)null)));
    }

    [Test, Fault("N04")]
    public async Task Whoever_lost_the_lease_makes_nothing_and_writes_nothing()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Subscriptions.OpenAsync("main", "R4", None);
        var frozen = (await ledger.Subscriptions.ClaimAsync("main", NoLease, Patience, None))!;
        var successor = (await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None))!;

        var may = await ledger.Subscriptions.BeginAsync(frozen, "mine", None);
        await ledger.Subscriptions.KeepAsync(frozen, Check("mine", askSweep: true), None);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        var swept = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);
        var mayToo = await ledger.Subscriptions.BeginAsync(successor, "its", None);

        Assert.That((may, swept, mayToo), Is.EqualTo((false, (ClaimedSweep?)null, true)));
        Assert.That((await ledger.Subscriptions.FindAsync("main", None))!.ResourceId, Is.EqualTo("its"));
    }

    [Test, Fault("N05")]
    public async Task A_hook_and_what_it_tells_of_its_subscription_are_stored_together()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await BegunAsync(ledger.Subscriptions);

        await ledger.Notices.RecordHookAsync("main", [new NoticeHint("main", "sr-3", null, NoticeSource.Topic)], sweepDue: false, Event(3), None);
        var kept = (await ledger.Subscriptions.FindAsync("main", None))!;
        var early = await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None);
        clock.Advance(Patience);
        var late = await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None);

        Assert.That((kept.Count.Seen, kept.Count.Told, kept.HeardAt), Is.EqualTo(((long?)0, (long?)3, (DateTimeOffset?)Start)));
        Assert.That((early, late is not null), Is.EqualTo(((KeptSubscription?)null, true)), "what is missing has its time to come");
        Assert.That((await ledger.Notices.ClaimAsync(10, Lease, [], None)).Single().OrderId, Is.EqualTo("sr-3"));
    }

    [Test, Fault("N05")]
    public async Task What_was_asked_for_closes_the_gap_and_what_could_not_be_told_is_left_to_a_sweep()
    {
        var clock = new ManualTimeProvider(Start);
        await using var ledger = await LedgerUnderTest.OpenAsync(clock);
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        await BegunAsync(ledger.Subscriptions);
        await ledger.Notices.RecordHookAsync("main", [], sweepDue: false, Event(3), None);
        clock.Advance(Patience);
        var claimed = (await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None))!;

        await ledger.Subscriptions.FillAsync(claimed, 3, [new NoticeHint("main", "sr-1", null, NoticeSource.Topic)], askSweep: true, None);
        var kept = (await ledger.Subscriptions.FindAsync("main", None))!.Count;

        Assert.That((kept.Seen, kept.GapAt), Is.EqualTo(((long?)3, (DateTimeOffset?)null)));
        Assert.That((await ledger.Notices.ClaimAsync(10, Lease, [], None)).Single().OrderId, Is.EqualTo("sr-1"));
        Assert.That(await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None), Is.Not.Null);
    }

    [Test, Fault("N05")]
    public async Task A_count_that_began_again_makes_a_sweep_due()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await ledger.Notices.OpenCursorAsync("main", Start, onOurClock: false, None);
        await BegunAsync(ledger.Subscriptions);
        await ledger.Notices.RecordHookAsync("main", [], sweepDue: false, Event(1, 2, 3), None);
        var before = await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None);

        await ledger.Notices.RecordHookAsync("main", [], sweepDue: false, Event(1) with { At = Start.AddHours(1) }, None);

        Assert.That((before, await ledger.Notices.ClaimSweepAsync("main", TimeSpan.Zero, Lease, None) is not null), Is.EqualTo(((ClaimedSweep?)null, true)));
    }

    [Test]
    public async Task Numbers_of_another_subscription_are_not_counted_but_its_hints_are_stored()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await BegunAsync(ledger.Subscriptions);

        await ledger.Notices.RecordHookAsync("main", [new NoticeHint("main", "sr-9", null, NoticeSource.Topic)], sweepDue: false, Event(9) with { ResourceId = "made-by-hand" }, None);

        Assert.That((await ledger.Subscriptions.FindAsync("main", None))!.Count.Told, Is.Zero);
        Assert.That(await ledger.Notices.ClaimAsync(10, Lease, [], None), Has.Count.EqualTo(1));
    }

    [Test, Fault("N04")]
    public async Task A_hook_that_tells_of_an_error_has_it_looked_at_now()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await BegunAsync(ledger.Subscriptions);

        await ledger.Notices.RecordHookAsync("main", [], sweepDue: true, new SubscriptionNews("s", "error", [], null, Start), None);

        Assert.That(await ledger.Subscriptions.ClaimAsync("main", Lease, Patience, None), Is.Not.Null);
    }

    [Test]
    public async Task Another_kind_keeps_the_id_and_forgets_the_count()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await BegunAsync(ledger.Subscriptions);

        await ledger.Subscriptions.OpenAsync("main", "R4", None);
        var kept = (await ledger.Subscriptions.FindAsync("main", None))!;

        Assert.That((kept.Kind, kept.ResourceId, kept.Count.Seen), Is.EqualTo(("R4", "s", (long?)null)));
    }

    /// <summary>Made and found active: not to be looked at for a minute.</summary>
    private static async Task BegunAsync(SubscriptionBook book)
    {
        await book.OpenAsync("main", "Topic", None);
        var claimed = (await book.ClaimAsync("main", Lease, Patience, None))!;
        await book.BeginAsync(claimed, "s", None);
        await book.KeepAsync(claimed, Check("s", askSweep: false), None);
    }

    private static SubscriptionCheck Check(string id, bool askSweep) => new(id, "active", null, 0, Start + Minute, BegunAt: null, askSweep);

    private static SubscriptionNews Event(params long[] numbers) => new("s", "active", [.. numbers], null, Start);
}
