using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ledger;

internal sealed class WebhookBookTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly WebhookSubscription Everything = new("all", null, null);
    private static readonly WebhookSubscription Endings = new("endings", new HashSet<string> { "delivered", "deferred" }, null);
    private static readonly WebhookSubscription Elsewhere = new("elsewhere", null, new HashSet<string> { "other" });

    [Test]
    public async Task Each_webhook_is_told_what_it_wants_whichever_way_it_was_written()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(publishesEvents: false, webhooks: [Everything, Endings, Elsewhere]);
        var referral = await BegunAsync(ledger.Referrals, "1");
        await ledger.Referrals.AdvanceAsync(referral, row => Step(row, "deferred"), null, None);

        Assert.That(await ToldAsync(ledger.Webhooks, "all"), Is.EqualTo(new[] { "received 1", "deferred 2" }));
        Assert.That(await ToldAsync(ledger.Webhooks, "endings"), Is.EqualTo(new[] { "deferred 2" }));
        Assert.That(await ToldAsync(ledger.Webhooks, "elsewhere"), Is.Empty);
    }

    [Test]
    public async Task Webhooks_and_the_broker_are_told_side_by_side()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(publishesEvents: true, webhooks: [Everything]);
        var referral = await BegunAsync(ledger.Referrals, "1");
        await ledger.Referrals.AdvanceAsync(referral, row => Step(row, "deferred"), null, None);

        Assert.That((await ledger.Outbox.BacklogAsync(None)).Count, Is.EqualTo(2));
        Assert.That(await ToldAsync(ledger.Webhooks, "all"), Is.EqualTo(new[] { "received 1", "deferred 2" }));
    }

    [Test]
    public async Task Without_webhooks_nothing_is_written_for_them()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync();
        var referral = await BegunAsync(ledger.Referrals, "1");
        await ledger.Referrals.AdvanceAsync(referral, row => Step(row, "deferred"), null, None);

        Assert.That(await ledger.Webhooks.OldestAsync(None), Is.Empty);
    }

    [Test]
    public async Task What_was_put_off_comes_after_its_pause_and_nothing_of_its_referral_before()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        var first = (await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single();
        await ledger.Webhooks.PutOffAsync("all", first, "webhook-busy", refused: false, Lease, None);
        var during = await ledger.Webhooks.ClaimAsync("all", 10, Lease, None);
        await ledger.Webhooks.HastenAsync("all", None);

        var again = (await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single();

        Assert.That(during, Is.Empty);
        Assert.That((again.Event.Entry, again.Tries), Is.EqualTo((first.Event.Entry, 1)));
    }

    [Test]
    public async Task What_stands_behind_what_was_put_off_waits_with_it_and_goes_as_soon_as_it_is_taken()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        var referral = await BegunAsync(ledger.Referrals, "1");
        await ledger.Referrals.AdvanceAsync(referral, row => Step(row, "deferred"), null, None);
        await ledger.Webhooks.PutOffAsync("all", await ClaimOneAsync(ledger.Webhooks), "webhook-busy", refused: false, Lease, None);
        await ledger.Referrals.DecideAsync(new DecisionScope.One(referral.Id), rows => new Decision<bool>(true, [], [Step(rows.Single(), "retried")]), None);

        // All three wait as long: only the first is free now.
        Assert.That(await ledger.Webhooks.HastenAsync("all", None), Is.EqualTo(1));
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            var head = await ClaimOneAsync(ledger.Webhooks);
            Assert.That(head.Event.Entry.Sequence, Is.EqualTo(sequence));
            if (sequence > 1) await ledger.Webhooks.PutOffAsync("all", head, "webhook-busy", refused: false, TimeSpan.Zero, None);
            await ledger.Webhooks.ConfirmAsync("all", sequence > 1 ? await ClaimOneAsync(ledger.Webhooks) : head, None);
        }
    }

    [Test]
    public async Task Whoever_holds_an_event_no_longer_cannot_put_it_off_nor_give_it_up()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        var late = await ClaimOneAsync(ledger.Webhooks);
        await ledger.Webhooks.HandBackAsync("all", late, None);

        Assert.That(await ledger.Webhooks.PutOffAsync("all", late, "webhook-busy", refused: false, Lease, None), Is.Zero);
        Assert.That(await ledger.Webhooks.GiveUpAsync("all", late, "webhook-event-refused", None), Is.Zero);
        Assert.That((await ClaimOneAsync(ledger.Webhooks)).Event.Entry.Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task Only_a_refusal_of_the_event_itself_is_remembered_and_tries_count_anew_when_it_is_taken_up()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        await ledger.Webhooks.PutOffAsync("all", await ClaimOneAsync(ledger.Webhooks), "webhook-busy", refused: false, TimeSpan.Zero, None);
        var away = await ClaimOneAsync(ledger.Webhooks);
        await ledger.Webhooks.PutOffAsync("all", away, "webhook-event-refused", refused: true, TimeSpan.Zero, None);
        var refused = await ClaimOneAsync(ledger.Webhooks);
        await ledger.Webhooks.GiveUpAsync("all", refused, "webhook-event-refused", None);
        await ledger.Webhooks.TakeUpAgainAsync("all", None);
        var again = await ClaimOneAsync(ledger.Webhooks);

        Assert.That((away.RefusedSince, refused.RefusedSince is null, again.RefusedSince, again.Tries), Is.EqualTo(((DateTimeOffset?)null, false, refused.RefusedSince, 0)));
    }

    [Test]
    public async Task What_is_under_way_is_not_hastened()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        await ledger.Webhooks.ClaimAsync("all", 10, Lease, None);

        Assert.That(await ledger.Webhooks.HastenAsync("all", None), Is.Zero);
        Assert.That(await ledger.Webhooks.ClaimAsync("all", 10, Lease, None), Is.Empty);
    }

    [Test, Fault("W05")]
    public async Task A_relay_that_died_leaves_its_events_to_the_next()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        await ledger.Webhooks.ClaimAsync("all", 10, NoLease, None);

        Assert.That((await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single().Event.Entry.Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_handed_back_was_not_tried()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        await ledger.Webhooks.HandBackAsync("all", (await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single(), None);

        Assert.That((await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single().Tries, Is.Zero);
    }

    [Test]
    public async Task What_is_given_up_is_counted_and_kept_and_lets_the_next_go()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        await BegunThenAdvancedAsync(ledger.Referrals);
        await ledger.Webhooks.GiveUpAsync("all", (await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single(), "webhook-event-refused", None);
        var kept = (await ledger.Webhooks.OldestAsync(None)).Single();
        var next = (await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single();
        await ledger.Webhooks.ConfirmAsync("all", next, None);
        var taken = await ledger.Webhooks.TakeUpAgainAsync("all", None);

        Assert.Multiple(() =>
        {
            Assert.That((kept.Waiting, kept.GivenUp, kept.Oldest is null, kept.OldestGivenUp is null), Is.EqualTo((1, 1, false, false)));
            Assert.That((next.Event.Entry.Sequence, taken), Is.EqualTo((2, 1)));
        });
        Assert.That((await ledger.Webhooks.ClaimAsync("all", 10, Lease, None)).Single().Event.Entry.Sequence, Is.EqualTo(1));
    }

    [Test]
    public async Task Many_referrals_are_claimed_at_once_and_none_twice()
    {
        await using var ledger = await LedgerUnderTest.OpenAsync(webhooks: [Everything]);
        for (var i = 0; i < 40; i++) await CreateAsync(ledger.Referrals, New($"{i}") with { DueAt = null });

        var claimed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ledger.Webhooks.ClaimAsync("all", 5, Lease, None))));

        Assert.That(claimed.SelectMany(c => c).Select(told => told.Event.Referral), Is.Unique);
    }

    private static async Task<IReadOnlyList<string>> ToldAsync(WebhookBook book, string webhook)
    {
        var told = new List<string>();
        while (await book.ClaimAsync(webhook, 10, Lease, None) is { Count: > 0 } claimed)
        {
            foreach (var one in claimed)
            {
                told.Add($"{one.Event.Entry.Event} {one.Event.Entry.Sequence}");
                await book.ConfirmAsync(webhook, one, None);
            }
        }

        return told;
    }

    private static async Task<WebhookEvent> ClaimOneAsync(WebhookBook book) => (await book.ClaimAsync("all", 10, Lease, None)).Single();

    private static async Task BegunThenAdvancedAsync(ReferralBook book)
        => await book.AdvanceAsync(await BegunAsync(book, "advanced"), r => Step(r, "deferred"), null, None);
}
