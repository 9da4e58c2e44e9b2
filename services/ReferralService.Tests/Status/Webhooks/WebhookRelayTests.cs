using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Status;
using ReferralService.Status.Webhooks;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Status.Webhooks;

/// <summary>What a receiver hears, over real HTTP and a real ledger, and what becomes of what it does not take.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class WebhookRelayTests
{
    [Test]
    public async Task Events_of_many_referrals_come_each_in_its_order_and_are_then_forgotten()
    {
        await using var scene = await WebhookScene.StartAsync(TimeProvider.System);
        for (var i = 0; i < 20; i++) await scene.ReferralAsync($"{i}", 4);

        await using (await scene.RelayAsync())
        {
            await scene.UntilToldAsync();
        }

        Assert.That(scene.Receiver.Heard.GroupBy(hook => hook.Referral).Select(own => own.Select(hook => hook.Sequence)), Has.Exactly(20).Items.And.All.EqualTo(new[] { 1, 2, 3, 4 }));
        Assert.That(await scene.Ledger.Webhooks.OldestAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task The_body_is_what_RabbitMQ_would_get_and_the_id_is_the_events()
    {
        await using var scene = await WebhookScene.StartAsync(TimeProvider.System);
        var referral = await scene.ReferralAsync("1", 1);

        await using (await scene.RelayAsync())
        {
            await scene.UntilToldAsync();
        }

        var hook = scene.Receiver.Heard.Single();
        var line = (await scene.Ledger.Referrals.TimelineAsync(referral.Id, CancellationToken.None)).Single();
        var message = StatusMessage.Of(new OutboxEvent(referral.Id, "main", "1", line, null));
        Assert.Multiple(() =>
        {
            Assert.That(hook.Body, Is.EqualTo(message.Body.ToArray()));
            Assert.That(hook.Headers["webhook-id"], Is.EqualTo(message.Properties.MessageId));
            Assert.That(hook.Headers["Content-Type"], Is.EqualTo("application/cloudevents+json"));
        });
    }

    [Test, Fault("W02")]
    public async Task What_fails_comes_again_under_the_same_id_and_nothing_of_its_referral_before_it([Values(500, 503, 429, 408, 400, 422, 302)] int status)
    {
        await using var time = new TickingClock(times: 10);
        await using var scene = await WebhookScene.StartAsync(time.Time);
        await scene.ReferralAsync("1", 3);
        scene.Receiver.Answer = _ => scene.Receiver.Heard.Count < 2 ? status : 200;

        await using (await scene.RelayAsync())
        {
            await scene.UntilToldAsync();
        }

        Assert.That(scene.Receiver.Heard.Select(hook => hook.Sequence), Is.EqualTo(new[] { 1, 1, 1, 2, 3 }));
        Assert.That(scene.Receiver.Heard.Take(3).Select(hook => hook.Headers["webhook-id"]).Distinct().Count(), Is.EqualTo(1));
    }

    [Test, Fault("W02")]
    public async Task A_redirect_is_not_followed()
    {
        await using var time = new TickingClock(times: 10);
        await using var elsewhere = await WebhookReceiver.StartAsync();
        await using var scene = await WebhookScene.StartAsync(time.Time);
        scene.Receiver.Headers = response => response.Headers.Location = elsewhere.Url.AbsoluteUri;
        scene.Receiver.Answer = _ => scene.Receiver.Heard.Count < 1 ? 307 : 200;
        await scene.ReferralAsync("1", 1);

        await using (await scene.RelayAsync())
        {
            await scene.UntilToldAsync();
        }

        Assert.That(elsewhere.Heard, Is.Empty);
        Assert.That(scene.Log.Lines, Has.Some.Contains("webhook-refused"));
    }

    [Test, Fault("W01")]
    public async Task A_receiver_that_was_down_hears_everything_once_it_is_back()
    {
        await using var time = new TickingClock(times: 10);
        await using var scene = await WebhookScene.StartAsync(time.Time);
        var down = true;
        scene.Receiver.Answer = _ => Volatile.Read(ref down) ? 502 : 200;
        for (var i = 0; i < 30; i++) await scene.ReferralAsync($"{i}", 2);

        await using (await scene.RelayAsync())
        {
            await scene.UntilStandsAsync(WebhookTrouble.Busy);
            await scene.Receiver.UntilAsync(receiver => receiver.Heard.Count >= WebhookLoop.AtOnce + 3);
            Volatile.Write(ref down, false);
            await scene.UntilToldAsync();
            await scene.UntilStandsAsync(null);
        }

        Assert.That(scene.Receiver.Taken.GroupBy(hook => hook.Referral).Select(own => own.Select(hook => hook.Sequence)), Has.Exactly(30).Items.And.All.EqualTo(new[] { 1, 2 }));
    }

    [Test, Fault("W03")]
    public async Task A_receiver_that_does_not_answer_is_given_up_on_after_ten_seconds_and_asked_again()
    {
        await using var time = new TickingClock(times: 10);
        await using var scene = await WebhookScene.StartAsync(time.Time);
        await scene.ReferralAsync("1", 1);
        scene.Receiver.Answer = _ => scene.Receiver.Heard.Count < 1 ? null : 200;

        await using (await scene.RelayAsync())
        {
            await scene.UntilToldAsync();
        }

        var sent = scene.Receiver.Heard.Select(hook => long.Parse(hook.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.That(sent, Has.Count.EqualTo(2));
        Assert.That(sent[1] - sent[0], Is.GreaterThanOrEqualTo(10));
        Assert.That(scene.Log.Lines, Has.Some.Contains("webhook-unreachable"));
    }

    [Test, Fault("W02")]
    public async Task Retry_After_is_heeded()
    {
        var time = new ManualTimeProvider();
        await using var scene = await WebhookScene.StartAsync(time);
        await scene.ReferralAsync("1", 1);
        scene.Receiver.Headers = response => response.Headers.RetryAfter = "600";
        scene.Receiver.Answer = _ => scene.Receiver.Heard.Count < 1 ? 429 : 200;

        await using (await scene.RelayAsync())
        {
            await scene.UntilStandsAsync(WebhookTrouble.Busy);
            for (var second = scene.Receiver.UntilAsync(receiver => receiver.Heard.Count >= 2); !second.IsCompleted; await Task.WhenAny(second, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System)))
            {
                time.Advance(TimeSpan.FromSeconds(60));
            }
        }

        var sent = scene.Receiver.Heard.Select(hook => long.Parse(hook.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.That(sent[1] - sent[0], Is.GreaterThanOrEqualTo(600));
    }

    [Test, Fault("W04")]
    public async Task A_receiver_that_says_it_is_gone_is_asked_ever_more_seldom_and_hears_everything_when_it_was_not_so()
    {
        var time = new ManualTimeProvider();
        await using var scene = await WebhookScene.StartAsync(time);
        await scene.ReferralAsync("1", 2);
        scene.Receiver.Answer = _ => scene.Receiver.Heard.Count < 14 ? 410 : 200;
        await using (await scene.RelayAsync())
        {
            await scene.UntilStandsAsync(WebhookTrouble.Gone);
            await AdvanceUntilAsync(time, scene.UntilToldAsync(), TimeSpan.FromMinutes(5));
            await scene.UntilStandsAsync(null);
        }

        var sent = scene.Receiver.Heard.Select(Sent).ToList();
        Assert.That(scene.Receiver.Taken.Select(hook => hook.Sequence).Distinct(), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(sent.Zip(sent.Skip(1), (before, after) => after - before).Max(), Is.GreaterThanOrEqualTo(1800));
    }

    [Test, Fault("W06")]
    public async Task An_event_that_is_refused_for_three_days_is_kept_while_those_behind_it_go_and_is_tried_again_at_the_next_start()
    {
        var time = new ManualTimeProvider();
        await using var scene = await WebhookScene.StartAsync(time);
        var referral = await scene.ReferralAsync("1", 2);
        scene.Receiver.Answer = hook => hook.Sequence == 1 ? 422 : 200;
        WebhookBacklog kept;
        await using (await scene.RelayAsync())
        {
            await AdvanceUntilAsync(time, scene.UntilToldAsync(), TimeSpan.FromHours(2));
            await scene.UntilStandsAsync(WebhookTrouble.Undelivered);
            kept = (await scene.Ledger.Webhooks.OldestAsync(CancellationToken.None)).Single();
        }

        scene.Receiver.Answer = _ => 200;
        await using (await scene.RelayAsync())
        {
            await scene.Receiver.UntilAsync(receiver => receiver.Taken.Count == 2);
        }

        var refused = scene.Receiver.Heard.Where(hook => hook.Answered == 422).Select(Sent).ToList();
        Assert.Multiple(() =>
        {
            Assert.That((kept.Webhook, kept.Waiting, kept.GivenUp), Is.EqualTo((WebhookScene.Name, 0, 1)));
            Assert.That(refused[^1] - refused[0], Is.GreaterThanOrEqualTo(WebhookLoop.Patience.TotalSeconds));
            Assert.That(scene.Receiver.Taken.Select(hook => hook.Sequence).Distinct(), Is.EqualTo(new[] { 2, 1 }));
            Assert.That(scene.Log.Lines, Has.Some.Contains($"event 1 of referral {referral.Id}"));
        });
    }

    [Test, Fault("W01")]
    public async Task However_long_a_receiver_is_away_nothing_is_given_up([Values(503, 401, 410)] int status)
    {
        var time = new ManualTimeProvider();
        await using var scene = await WebhookScene.StartAsync(time);
        await scene.ReferralAsync("1", 2);
        scene.Receiver.Answer = _ => scene.Receiver.Heard.Count < 4 ? status : 200;
        time.Advance(2 * WebhookLoop.Patience);
        await using (await scene.RelayAsync())
        {
            await AdvanceUntilAsync(time, scene.UntilToldAsync(), TimeSpan.FromSeconds(20));
        }

        Assert.That(scene.Receiver.Taken.Select(hook => hook.Sequence).Distinct(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test, Fault("W06")]
    public async Task What_was_given_up_goes_too_when_a_receiver_is_back()
    {
        var time = new ManualTimeProvider();
        await using var scene = await WebhookScene.StartAsync(time);
        await scene.ReferralAsync("1", 1);
        var refused = (await scene.Ledger.Webhooks.ClaimAsync(WebhookScene.Name, 1, WebhookLoop.Lease, CancellationToken.None)).Single();
        await scene.ReferralAsync("2", 1);
        scene.Receiver.Answer = _ => 503;
        await using (await scene.RelayAsync())
        {
            await scene.UntilStandsAsync(WebhookTrouble.Busy);
            await scene.Ledger.Webhooks.GiveUpAsync(WebhookScene.Name, refused, WebhookTrouble.EventRefused.Code, CancellationToken.None);
            scene.Receiver.Answer = _ => 200;
            await AdvanceUntilAsync(time, scene.Receiver.UntilAsync(receiver => receiver.Taken.Count == 2), TimeSpan.FromSeconds(5));
            await AdvanceUntilAsync(time, scene.UntilToldAsync(), TimeSpan.FromSeconds(5));
        }

        Assert.That(await scene.Ledger.Webhooks.OldestAsync(CancellationToken.None), Is.Empty);
    }

    [Test, Fault("W05")]
    public async Task What_a_relay_sent_and_could_not_note_is_sent_again_under_the_same_id()
    {
        var time = new ManualTimeProvider();
        await using var scene = await WebhookScene.StartAsync(time);
        await scene.ReferralAsync("1", 2);

        // A process claims, sends, and dies before it has written down that the receiver took it.
        var claimed = (await scene.Ledger.Webhooks.ClaimAsync(WebhookScene.Name, 1, WebhookLoop.Lease, CancellationToken.None)).Single();
        using (var http = new HttpClient())
        {
            await new WebhookSender(new WebhookOptions { Subscription = scene.Ledger.Options.Webhooks[0], Url = scene.Receiver.Url, Secrets = [new byte[32]] }, http, time).SendAsync(claimed.Event, default);
        }

        await using (await scene.RelayAsync())
        {
            time.Advance(WebhookLoop.Lease);
            await scene.UntilToldAsync();
        }

        Assert.That(scene.Receiver.Heard.Select(hook => hook.Sequence), Is.EqualTo(new[] { 1, 1, 2 }));
        Assert.That(scene.Receiver.Heard.Take(2).Select(hook => hook.Id).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Two_relays_share_the_work_and_keep_the_order()
    {
        await using var scene = await WebhookScene.StartAsync(TimeProvider.System);
        await using (await scene.RelayAsync())
        await using (await scene.RelayAsync())
        {
            for (var i = 0; i < 20; i++) await scene.ReferralAsync($"{i}", 3);
            await scene.UntilToldAsync();
        }

        Assert.That(scene.Receiver.Heard.GroupBy(hook => hook.Referral).Select(own => own.Select(hook => hook.Sequence)), Has.Exactly(20).Items.And.All.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test, Fault("W01")]
    public async Task Where_nobody_listens_that_is_said_once_and_by_its_code()
    {
        await using var time = new TickingClock(times: 10);
        await using var scene = await WebhookScene.StartAsync(time.Time);
        await scene.ReferralAsync("1", 1);
        await using (await scene.RelayAsync(new Uri("http://127.0.0.1:9/")))
        {
            await scene.UntilStandsAsync(WebhookTrouble.Unreachable);
        }

        Assert.That(scene.Log.Lines, Has.Exactly(1).Contains("webhook-unreachable"));
        Assert.That(scene.Log.Lines, Has.None.Contains("127.0.0.1"));
    }

    [Test]
    public async Task Nothing_personal_is_in_a_request()
    {
        await using var scene = await WebhookScene.StartAsync(TimeProvider.System);
        await scene.ReferralAsync("1", 1);
        await using (await scene.RelayAsync())
        {
            await scene.UntilToldAsync();
        }

        using var body = JsonDocument.Parse(scene.Receiver.Heard.Single().Body);
        Assert.That(body.RootElement.GetProperty("data").EnumerateObject().Select(member => member.Name), Is.EqualTo(new[]
        {
            "referralId", "ehr", "serviceRequest", "state", "recipient", "attempt", "packageId", "packageDigest", "entries", "errorCode", "nextAttemptAt",
        }));
        Assert.That(scene.Receiver.Heard.Single().Headers.Keys, Is.EquivalentTo(new[] { "Host", "User-Agent", "Content-Type", "Content-Length", "webhook-id", "webhook-timestamp", "webhook-signature" }));
    }

    private static long Sent(HeardHook hook) => long.Parse(hook.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task AdvanceUntilAsync(ManualTimeProvider time, Task enough, TimeSpan step)
    {
        while (!enough.IsCompleted)
        {
            time.Advance(step);
            await Task.WhenAny(enough, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        await enough;
    }
}
