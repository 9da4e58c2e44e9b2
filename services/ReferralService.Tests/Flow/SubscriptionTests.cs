using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The subscription at the EHR is made, found again, changed and mended; there is never a second one.</summary>
internal sealed class SubscriptionTests : SubscriptionScene
{
    [TestCase("R4")]
    [TestCase("Topic")]
    public async Task A_subscription_is_made_and_an_order_told_by_it_is_delivered(string kind)
    {
        await using var service = await RunningService.StartAsync(Subscribing(kind));
        await UntilActiveAsync(service);

        WriteCase(CasePerformer.UrologyEast);
        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");

        var made = AtEhr().Single();
        Assert.Multiple(() =>
        {
            Assert.That((made.Status, made.Endpoint, made.Headers.Single()), Is.EqualTo(("active", Endpoint, $"Authorization: Bearer {Secret}")));
            Assert.That(made.Payload, Is.EqualTo(kind == "R4" ? null : "application/fhir+json"), "no content is asked for");
            Assert.That(
                (made.Criteria, string.Join(' ', made.Filters)),
                Is.EqualTo(kind == "R4" ? ("ServiceRequest?status=active&intent=order", "") : (SandboxEhrOptions.OrderTopic, "ServiceRequest?status=active&intent=order")));
        });
        Assert.That((await SubscriptionShownAsync(service)).GetProperty("status").GetString(), Is.EqualTo("active"));
    }

    [TestCase("R4", true)]
    [TestCase("R4", false)]
    [TestCase("Topic", true)]
    [TestCase("Topic", false)]
    [Fault("N04")]
    public async Task A_lost_answer_or_a_lost_database_leaves_one_subscription(string kind, bool idsByClient)
    {
        await Ehr.DisposeAsync();
        Ehr = await SandboxEhr.StartAsync(new SandboxEhrOptions { SubscriptionIdsByClient = idsByClient });
        Ehr.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Subscription", Cut = Cut.AfterProcessing });

        await using (var first = await RunningService.StartAsync(Subscribing(kind))) await UntilActiveAsync(first);
        await using var second = await RunningService.StartAsync(Subscribing(kind));
        await UntilActiveAsync(second);

        Assert.That(AtEhr(), Has.Count.EqualTo(1));
        Assert.That(Ehr.Faults.Struck, Is.EqualTo(1));
    }

    [Test]
    public async Task Doubles_of_ours_are_deleted_and_those_of_others_are_left_alone()
    {
        await Ehr.DisposeAsync();
        Ehr = await SandboxEhr.StartAsync(new SandboxEhrOptions { SubscriptionIdsByClient = false });
        await using (var first = await RunningService.StartAsync(Subscribing("R4"))) await UntilActiveAsync(first);
        var ours = System.Text.Encoding.UTF8.GetString(Ehr.All("Subscription").Single().Span);
        Ehr.Load(ours.Replace($"\"id\":\"{AtEhr()[0].Id}\"", "\"id\":\"double\"", StringComparison.Ordinal));
        Ehr.Load(ours.Replace($"\"id\":\"{AtEhr()[0].Id}\"", "\"id\":\"others\"", StringComparison.Ordinal).Replace("/fhir/notify/main", "/elsewhere", StringComparison.Ordinal));
        Ehr.Load(ours.Replace($"\"id\":\"{AtEhr()[0].Id}\"", "\"id\":\"by-hand\"", StringComparison.Ordinal).Replace("ReferralService", "Made by hand", StringComparison.Ordinal));

        await using var second = await RunningService.StartAsync(Subscribing("R4"));
        await UntilActiveAsync(second);

        Assert.That(AtEhr().Select(s => s.Id), Is.SupersetOf(new[] { "others", "by-hand" }));
        Assert.That(AtEhr(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_paused_EHR_is_not_asked_for_its_subscription()
    {
        await using var other = await SandboxEhr.StartAsync();
        var settings = Subscribing(
            "R4", ("Ehrs:other:BaseUrl", other.Base), ("Ehrs:other:PollInterval", "00:00:00"), ("Ehrs:other:NotificationSecret", Secret), ("Ehrs:other:Subscribe", "R4"),
            ("Ehrs:other:Heartbeat", "00:00:01"));
        settings.Remove("Recipients:east:Matches:0");
        settings.Remove("Recipients:west:Matches:0");
        await using var service = await RunningService.StartAsync(settings);
        await UntilActiveAsync(service);

        using var paused = await service.Http.PostAsync("/api/partners/main/pause", null);
        var (asked, askedOther) = (Ehr.Requests.All.Count, other.Requests.All.Count);
        await UntilAsync(() => other.Requests.All.Count >= askedOther + 5);

        Assert.That(Ehr.Requests.All.Count - asked, Is.LessThanOrEqualTo(2), "at most the look that was under way");
        using var resumed = await service.Http.PostAsync("/api/partners/main/resume", null);
        await UntilAsync(() => Ehr.Requests.All.Count >= asked + 5);
    }

    [Test]
    public async Task Changed_criteria_secret_and_address_change_the_one_there_is()
    {
        var folder = Directory.CreateTempSubdirectory("referral-kept-");
        var ledger = ("Ledger:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "referrals.db")}");
        await using (var first = await RunningService.StartAsync(Subscribing("R4", ledger))) await UntilActiveAsync(first);
        var before = AtEhr().Single();
        TakeAddress();

        await using (var second = await RunningService.StartAsync(
            Subscribing("R4", ledger, ("Ehrs:main:Criteria", "ServiceRequest?status=active"), ("Ehrs:main:NotificationSecret", "an0ther-of-this-test"))))
        {
            await UntilAsync(() => AtEhr().Single().Headers.Single().EndsWith("an0ther-of-this-test", StringComparison.Ordinal));
            await UntilActiveAsync(second);
        }

        var after = AtEhr().Single();
        Assert.That((after.Id, after.Criteria, after.Endpoint), Is.EqualTo((before.Id, "ServiceRequest?status=active", Endpoint)));
        folder.Delete(recursive: true);
    }

    [TestCase("R4")]
    [TestCase("Topic")]
    [Fault("N04")]
    public async Task What_was_ordered_while_no_process_ran_is_found_at_the_next_start(string kind)
    {
        var folder = Directory.CreateTempSubdirectory("referral-kept-");
        var settings = Subscribing(kind, ("Ledger:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "referrals.db")}"));
        await using (var first = await RunningService.StartAsync(settings)) await UntilActiveAsync(first);
        Ehr.Weather = new HookWeather { Lost = 1, Heartbeats = false };
        var meantime = WriteOrder("meantime");

        await using (var second = await RunningService.StartAsync(settings)) await UntilAsync(async () => (await OrdersAsync(second)).Contains(meantime));
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task It_is_renewed_before_it_ends()
    {
        await using var service = await RunningService.StartAsync(Subscribing("R4"));
        var id = (await UntilActiveAsync(service)).ResourceId!;
        var asServed = System.Text.Encoding.UTF8.GetString(Ehr.Bytes($"Subscription/{id}")!.Value.Span);
        var end = AtEhr().Single().End!;

        // The EHR cuts it short: half of what is left is time enough to renew it.
        var cut = TimeProvider.System.GetUtcNow().AddSeconds(8);
        Ehr.Write(asServed.Replace(end, cut.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), StringComparison.Ordinal));
        await UntilAsync(() => AtEhr().Single() is { Status: "active", End: { } renewed } && string.CompareOrdinal(renewed, end) > 0);

        Assert.That(TimeProvider.System.GetUtcNow(), Is.LessThan(cut));
    }

    [TestCase("R4", "error", "subscription-stopped")]
    [TestCase("R4", "deleted", "subscription-gone")]
    [TestCase("Topic", "error", "subscription-stopped")]
    [TestCase("Topic", "off", "subscription-stopped")]
    [TestCase("Topic", "deleted", "subscription-gone")]
    [Fault("N04")]
    public async Task A_subscription_that_the_EHR_stopped_or_deleted_is_mended_and_the_orders_of_the_meantime_are_found(string kind, string how, string code)
    {
        await using var service = await RunningService.StartAsync(Subscribing(kind));
        var id = (await UntilActiveAsync(service)).ResourceId!;

        if (how == "deleted") Ehr.Delete("Subscription", id);
        else Ehr.SetSubscriptionStatus(id, how);
        var meantime = WriteOrder("meantime");
        await UntilAsync(async () => (await SubscriptionShownAsync(service)).GetProperty("code").GetString() == code);
        await UntilAsync(async () => (await OrdersAsync(service)).Contains(meantime));
        await UntilActiveAsync(service);
        var after = WriteOrder("after");
        await UntilAsync(async () => (await OrdersAsync(service)).Contains(after));

        Assert.That(AtEhr().Single().Status, Is.EqualTo("active"));
    }

    [Test, Fault("N04")]
    public async Task A_heartbeat_that_stops_is_noticed_and_told_and_what_was_lost_is_found()
    {
        await using var service = await RunningService.StartAsync(Subscribing("Topic"));
        await UntilActiveAsync(service);

        // Everything on the line from now on is lost, and the EHR does not say how it counts.
        Ehr.Weather = new HookWeather { Lost = 1, Heartbeats = false };
        Ehr.Faults.Add(new Fault { Path = @"\$status", Status = 404, Times = null });
        var lost = WriteOrder("lost");
        await UntilAsync(async () => (await SubscriptionShownAsync(service)).GetProperty("code").GetString() == "subscription-silent");

        await UntilAsync(async () => (await OrdersAsync(service)).Contains(lost));
    }

    [Test, Fault("N04")]
    public async Task A_subscription_that_was_found_and_is_never_heard_is_not_believed_for_ever()
    {
        await using (var first = await RunningService.StartAsync(Subscribing("Topic"))) await UntilActiveAsync(first);
        Ehr.Weather = new HookWeather { Lost = 1, Heartbeats = false };
        Ehr.Faults.Add(new Fault { Path = @"\$status", Status = 404, Times = null });

        // Another ledger: nothing is known of the one there is but what the EHR says.
        await using var second = await RunningService.StartAsync(Subscribing("Topic"));

        await UntilAsync(async () => await KeptAsync(second) is { Code: "subscription-silent" });
    }

    [Test, Fault("N04")]
    public async Task An_EHR_without_heartbeats_is_asked_how_it_counts_before_it_is_called_silent()
    {
        Ehr.Weather = new HookWeather { Heartbeats = false };
        await using var service = await RunningService.StartAsync(Subscribing("Topic"));
        await UntilActiveAsync(service);

        await UntilAsync(() => Ehr.Requests.All.Count(r => r.PathAndQuery.EndsWith("/$status", StringComparison.Ordinal)) > 2);

        Assert.That((await KeptAsync(service))!.Code, Is.Null);
        Assert.That(Ehr.Requests.CountOf("PUT", "/Subscription"), Is.EqualTo(1), "nothing was written again");
    }

    [Test]
    public async Task A_refusal_is_told_and_tried_again_later()
    {
        Ehr.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Subscription", Status = 422, Times = 2 });
        await using var service = await RunningService.StartAsync(Subscribing("R4"));

        await UntilAsync(async () => await KeptAsync(service) is { Code: "subscription-refused" });
        await UntilActiveAsync(service);
    }

    [Test]
    public async Task Off_touches_nothing_at_the_EHR()
    {
        var folder = Directory.CreateTempSubdirectory("referral-kept-");
        var ledger = ("Ledger:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "referrals.db")}");
        await using (var first = await RunningService.StartAsync(Subscribing("R4", ledger))) await UntilActiveAsync(first);
        var asked = Ehr.Requests.All.Count(r => r.PathAndQuery.StartsWith("/Subscription", StringComparison.Ordinal));

        await using (var second = await RunningService.StartAsync(Subscribing("Off", ledger)))
        {
            WriteOrder("o1");
            await second.UntilListedAsync(1);
            Assert.That((await second.Http.GetStringAsync("/api/partners")).Contains("subscription", StringComparison.Ordinal), Is.False);
        }

        Assert.That(Ehr.Requests.All.Count(r => r.PathAndQuery.StartsWith("/Subscription", StringComparison.Ordinal)), Is.EqualTo(asked));
        Assert.That(AtEhr().Single().Status, Is.EqualTo("active"), "it ends by itself");
        folder.Delete(recursive: true);
    }
}
