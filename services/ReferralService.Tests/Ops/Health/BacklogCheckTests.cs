using ReferralService.Ledger;
using ReferralService.Ops.Health.Checks;
using ReferralService.Ops.Metrics;
using ReferralService.Status.Webhooks;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ledger.LedgerSample;

namespace ReferralService.Tests.Ops.Health;

/// <summary>What the detailed health says of webhooks, over a real ledger.</summary>
internal sealed class BacklogCheckTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_webhook_that_was_told_everything_is_well()
        => Assert.That(await ToldAsync(0, new WebhookStandings("tracker")), Is.EqualTo("ok"));

    [Test]
    public async Task What_the_receiver_said_last_is_told_even_before_anything_is_old([Values("webhook-gone", "webhook-refused", "webhook-untrusted")] string code)
    {
        var standings = new WebhookStandings("tracker");
        standings.Tell("tracker", WebhookTrouble.All.Single(trouble => trouble.Code == code));

        Assert.That(await ToldAsync(1, standings), Is.EqualTo($"degraded {code}"));
    }

    [Test]
    public async Task What_waits_for_long_is_old()
        => Assert.That(await ToldAsync(1, new WebhookStandings("tracker"), _ => { _clock.Advance(TimeSpan.FromMinutes(6)); return Task.CompletedTask; }), Is.EqualTo("degraded webhook-old"));

    [Test]
    public async Task What_is_given_up_is_told_as_that_whichever_replica_gave_it_up_and_however_old_it_is()
        => Assert.That(
            await ToldAsync(1, new WebhookStandings("tracker"), async book =>
            {
                await book.GiveUpAsync("tracker", (await book.ClaimAsync("tracker", 1, TimeSpan.FromMinutes(1), None)).Single(), "webhook-event-refused", None);
                _clock.Advance(TimeSpan.FromDays(9));
            }),
            Is.EqualTo("degraded webhook-undelivered"));

    [Test]
    public async Task Events_of_a_webhook_that_is_not_configured_any_more_are_no_trouble_and_are_not_hidden()
        => Assert.That(await ToldAsync(1, new WebhookStandings(), _ => { _clock.Advance(TimeSpan.FromDays(9)); return Task.CompletedTask; }), Is.EqualTo("ok webhook-not-configured"));

    private async Task<string> ToldAsync(int events, WebhookStandings standings, Func<WebhookBook, Task>? then = null)
    {
        await using var ledger = await TemporaryLedger.OpenAsync(_clock, publishesEvents: false, [new WebhookSubscription("tracker", null, null)]);
        for (var i = 0; i < events; i++) await CreateAsync(ledger.Referrals, New($"{i}") with { DueAt = null });
        if (then is not null) await then(ledger.Webhooks);
        using var waiting = new WaitingFigures(new LedgerFigureBook(ledger.Database), ledger.Referrals, ledger.Pauses, _clock);

        var told = (await new BacklogCheck(waiting, standings, _clock).CheckAsync(None)).Single(one => one.Name == "webhook:tracker");

        return $"{told.Status} {told.Code}".TrimEnd();
    }
}
