using ReferralService.Ledger;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class OutboxTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task Events_of_one_referral_come_one_by_one_in_the_order_of_their_sequence()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await WithEventsAsync(ledger.Referrals, "1", 4);

        var sent = new List<OutboxEvent>();
        while (await ledger.Outbox.ClaimAsync(10, Lease, None) is { Count: > 0 } claimed)
        {
            Assert.That(claimed, Has.Count.EqualTo(1));
            sent.AddRange(claimed);
            await ledger.Outbox.ConfirmAsync(claimed, None);
        }

        var timeline = await ledger.Referrals.TimelineAsync(referral.Id, None);
        Assert.That(sent.Select(e => e.Entry), Is.EqualTo(timeline));
        Assert.That(sent.Select(e => (e.Referral, e.Ehr, e.OrderId)).Distinct(), Is.EqualTo(new[] { (referral.Id, "main", "1") }));
        Assert.That(await ledger.Outbox.BacklogAsync(None), Is.EqualTo((0L, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task Many_referrals_are_claimed_at_once_and_none_twice()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            await WithEventsAsync(ledger.Referrals, $"{i}", 2);
        }

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ledger.Outbox.ClaimAsync(5, Lease, None))));

        var events = claimed.SelectMany(c => c).ToList();
        Assert.That(events.Select(e => e.Referral), Is.Unique);
        Assert.That(events.Select(e => e.Entry.Sequence), Is.All.EqualTo(1));
    }

    [Test]
    public async Task Those_that_wait_longest_go_first()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var orders = Enumerable.Range(0, 6).Select(i => $"{i}").ToList();
        foreach (var order in orders)
        {
            await CreateAsync(ledger.Referrals, New(order));
        }

        var claimed = await ledger.Outbox.ClaimAsync(3, Lease, None);

        Assert.That(claimed.Select(e => e.OrderId), Is.EqualTo(orders.Take(3)));
    }

    [Test]
    public async Task A_released_event_comes_again_and_nothing_of_its_referral_before_it()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WithEventsAsync(ledger.Referrals, "1", 2);
        var first = await ledger.Outbox.ClaimAsync(10, Lease, None);
        await ledger.Outbox.ReleaseAsync(first, Lease, None);
        var during = await ledger.Outbox.ClaimAsync(10, Lease, None);
        await ledger.Outbox.ReleaseAsync(first, TimeSpan.Zero, None);

        var again = await ledger.Outbox.ClaimAsync(10, Lease, None);

        Assert.That(during, Is.Empty);
        Assert.That(again.Single().Entry, Is.EqualTo(first.Single().Entry));
    }

    [Test]
    public async Task A_relay_that_died_leaves_its_events_to_the_next()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WithEventsAsync(ledger.Referrals, "1", 2);
        await ledger.Outbox.ClaimAsync(10, NoLease, None);

        Assert.That((await ledger.Outbox.ClaimAsync(10, Lease, None)).Single().Entry.Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task Notes_are_in_the_timeline_only()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await CreateAsync(ledger.Referrals, New("1"));
        await ledger.Outbox.ConfirmAsync(await ledger.Outbox.ClaimAsync(10, Lease, None), None);

        await ledger.Referrals.DecideAsync(new DecisionScope.One(referral.Id), rows => new Decision<bool>(true, [], [new(rows.Single(), [Note(rows.Single(), "attempt-failed")])]), None);

        Assert.That(await ledger.Outbox.ClaimAsync(10, Lease, None), Is.Empty);
        Assert.That(await ledger.Referrals.TimelineAsync(referral.Id, None), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Without_a_broker_there_is_no_outbox()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(publishesEvents: false);
        await WithEventsAsync(ledger.Referrals, "1", 3);
        await BegunThenAdvancedAsync(ledger.Referrals);

        Assert.That((await ledger.Outbox.BacklogAsync(None)).Count, Is.Zero);
    }

    [Test]
    public async Task The_backlog_counts_what_waits()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        await WithEventsAsync(ledger.Referrals, "1", 3);
        await BegunThenAdvancedAsync(ledger.Referrals);

        var (count, oldest) = await ledger.Outbox.BacklogAsync(None);

        Assert.That(count, Is.EqualTo(5));
        Assert.That(oldest, Is.Not.Null);
    }

    private static async Task<Referral> WithEventsAsync(ReferralBook book, string order, int events)
    {
        var referral = await CreateAsync(book, New(order) with { DueAt = null });
        for (var i = 1; i < events; i++)
        {
            await book.DecideAsync(new DecisionScope.One(referral.Id), rows => new Decision<bool>(true, [], [Step(rows.Single(), "retried")]), None);
        }

        return referral;
    }

    private static async Task BegunThenAdvancedAsync(ReferralBook book)
        => await book.AdvanceAsync(await BegunAsync(book, "advanced"), r => Step(r, "deferred"), null, None);
}
