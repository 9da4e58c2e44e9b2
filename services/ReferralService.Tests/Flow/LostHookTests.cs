using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.Serving;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>Hooks that come too often, in another order, late or never, from Subscriptions made by hand: polling is what finds what they lost.</summary>
internal sealed class LostHookTests : SubscriptionScene
{
    [TestCase(true)]
    [TestCase(false)]
    [Fault("N01")]
    public async Task Five_copies_of_each_hook_at_once_are_one_referral(bool payload)
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", Secret)));
        await SubscribeAsync(service, Secret, payload);
        Ehr.Weather = new HookWeather { Copies = 5 };

        var order = WriteCase(CasePerformer.UrologyEast);
        await UntilAsync(() => Ehr.Notifications.All.Count(n => n.Status == 202) == 5);
        var id = await service.UntilListedAsync(1);
        var shown = await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
            Assert.That(Events(shown), Has.Exactly(1).EqualTo("received"));
        });
        Assert.That(await OrdersAsync(service), Is.EqualTo(new[] { order }));
    }

    [Test, Fault("N02")]
    public async Task Versions_told_in_the_order_3_1_2_leave_the_newest()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        var one = Ehr.Bytes(order)!.Value;
        Ehr.Write(one);
        var two = Ehr.Bytes(order)!.Value;
        Ehr.Write(one);
        var three = Ehr.Bytes(order)!.Value;
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", Secret)));

        foreach (var version in new[] { three, one, two })
        {
            int asked = Ehr.Requests.CountOf("GET", "/" + order);
            await PutHookAsync(service, order, version);
            // Each is looked into before the next comes: the worst order in which an old one can arrive.
            await UntilAsync(() => Ehr.Requests.CountOf("GET", "/" + order) > asked);
        }

        var shown = await service.UntilAsync(await service.UntilListedAsync(1), "delivered");
        var sent = await service.Http.GetStringAsync($"/api/referrals/{shown.GetProperty("id").GetString()}/package");

        Assert.Multiple(() =>
        {
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
            Assert.That(shown.GetProperty("package").GetProperty("version").GetInt32(), Is.EqualTo(1), "nothing was built again");
            Assert.That(sent, Does.Contain(Encoding.UTF8.GetString(three.Span)));
        });
    }

    [Test, Fault("N03")]
    public async Task Of_hooks_a_fifth_is_lost_and_polling_finds_every_order_once()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", Secret), ("Ehrs:main:PollInterval", "00:00:01")));
        await SubscribeAsync(service, Secret, payload: true);
        Ehr.Weather = new HookWeather { Lost = 0.2 };

        var orders = Enumerable.Range(0, 100).Select(i => WriteOrder($"o{i}")).Order(StringComparer.Ordinal).ToArray();
        var written = TimeProvider.System.GetTimestamp();
        await UntilAsync(async () => (await OrdersAsync(service)).Count >= orders.Length);
        var took = TimeProvider.System.GetElapsedTime(written);

        Assert.That(await OrdersAsync(service), Is.EqualTo(orders));
        Assert.That(Ehr.Notifications.All, Has.Count.LessThan(95), "some were lost");
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    [Test, Fault("N07")]
    public async Task An_order_that_becomes_visible_two_minutes_late_is_found()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:PollInterval", "00:00:01"), ("Ehrs:main:Since", "2026-01-01T00:00:00Z")));
        var seen = WriteOrder("seen");
        await UntilAsync(async () => (await OrdersAsync(service)).Contains(seen));
        int sweeps = Ehr.Requests.CountOf("GET", "/ServiceRequest?");
        await UntilAsync(() => Ehr.Requests.CountOf("GET", "/ServiceRequest?") > sweeps + 1);

        // Committed now, but stamped when its transaction began: behind orders that polling has passed already.
        var began = TimeProvider.System.GetUtcNow().AddSeconds(-120).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        Ehr.Load(Encoding.UTF8.GetString(Ehr.Bytes(seen)!.Value.Span).Replace("\"id\":\"seen\"", "\"id\":\"late\"", StringComparison.Ordinal) is var text
            ? Regex.Replace(text, "\"lastUpdated\":\"[^\"]*\"", $"\"lastUpdated\":\"{began}\"")
            : "");

        await UntilAsync(async () => (await OrdersAsync(service)).Contains("ServiceRequest/late"));
    }

    /// <summary>Nobody listens to spans here: the trace is kept all the same.</summary>
    [Test]
    public async Task What_polling_finds_has_a_trace_of_its_own()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:PollInterval", "00:00:01"), ("Ehrs:main:Since", "2026-01-01T00:00:00Z")));
        string[] orders = [WriteOrder("one"), WriteOrder("two")];
        await UntilAsync(async () => (await OrdersAsync(service)).Count == orders.Length);

        using var list = JsonDocument.Parse(await service.Http.GetStringAsync("/api/referrals"));
        var traces = new List<string?>();
        foreach (var item in list.RootElement.GetProperty("items").EnumerateArray())
        {
            using var shown = JsonDocument.Parse(await service.Http.GetStringAsync($"/api/referrals/{item.GetProperty("id").GetString()}"));
            traces.Add(shown.RootElement.GetProperty("traceId").GetString());
        }

        Assert.That(traces, Has.All.Match("^[0-9a-f]{32}$"));
        Assert.That(traces, Is.Unique);
    }

    [Test, Fault("N07")]
    public async Task The_cursor_never_passes_an_order_that_is_not_stored()
    {
        await Ehr.DisposeAsync();
        Ehr = await SandboxEhr.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(MaxPageSize: 2) });
        var orders = Enumerable.Range(0, 5).Select(i => WriteOrder($"o{i}")).ToArray();
        // The second page is refused: the first is stored, the rest is not.
        Ehr.Faults.Add(new Fault { Path = "_getpages", Status = 403 });
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:PollInterval", "00:00:01"), ("Ehrs:main:Since", "2026-01-01T00:00:00Z")));

        await UntilAsync(async () => (await OrdersAsync(service)).Count == orders.Length);

        var cursors = Ehr.Requests.All.Select(r => r.PathAndQuery).Where(p => p.StartsWith("/ServiceRequest?", StringComparison.Ordinal) && !p.Contains("_id=", StringComparison.Ordinal))
            .Select(p => Regex.Match(p, "_lastUpdated=ge([^&]*)").Groups[1].Value).Take(2);
        Assert.That(cursors.Distinct().Count(), Is.EqualTo(1), "the sweep that failed moved nothing");
        Assert.That(await OrdersAsync(service), Is.EqualTo(orders));
    }

    [Test]
    public async Task Open_orders_are_read_again_in_batches_and_only_what_changed_is_looked_into()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:PollInterval", "00:00:01"), ("Ehrs:main:Since", "2026-01-01T00:00:00Z")));
        for (var i = 0; i < 30; i++) WriteOrder($"o{i}");
        await UntilAsync(async () => (await OrdersAsync(service)).Count == 30);
        await SweepsAsync(2);
        int read = Ehr.Requests.CountOf("GET", "/ServiceRequest/");

        await SweepsAsync(3);
        int readAgain = Ehr.Requests.CountOf("GET", "/ServiceRequest/");
        Ehr.Write(Revoked("ServiceRequest/o7"));
        Ehr.Delete("ServiceRequest", "o8");
        await UntilAsync(async () => (await service.ListAsync()).Count(r => r.GetProperty("state").GetString() == "cancelled") == 2);

        Assert.That(readAgain, Is.EqualTo(read), "nobody's order changed, so none was read alone");
    }

    private async Task SweepsAsync(int more)
    {
        int Sweeps() => Ehr.Requests.All.Count(r => r.PathAndQuery.StartsWith("/ServiceRequest?", StringComparison.Ordinal) && r.PathAndQuery.Contains("_lastUpdated", StringComparison.Ordinal));
        int before = Sweeps();
        await UntilAsync(() => Sweeps() >= before + more);
    }

    private static async Task PutHookAsync(RunningService service, string order, ReadOnlyMemory<byte> version)
    {
        using var hook = new HttpRequestMessage(HttpMethod.Put, $"/fhir/notify/main/{order}") { Headers = { { "Authorization", $"Bearer {Secret}" } } };
        hook.Content = new ReadOnlyMemoryContent(version) { Headers = { { "Content-Type", "application/fhir+json" } } };
        using var answer = await service.Http.SendAsync(hook);
        Assert.That((int)answer.StatusCode, Is.EqualTo(202));
    }
}
