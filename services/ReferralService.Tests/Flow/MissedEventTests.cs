using ReferralService.Sandbox.Ehr;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>What the event numbers of a topic subscription tell of lost hooks, while polling is off.</summary>
internal sealed class MissedEventTests : SubscriptionScene
{
    [TestCase(true)]
    [TestCase(false)]
    [Fault("N05")]
    public async Task Numbers_that_are_missing_are_asked_for_or_left_to_a_sweep(bool tellsEvents)
    {
        Ehr.TellsEvents = tellsEvents;
        await using var service = await RunningService.StartAsync(Subscribing("Topic"));
        await UntilActiveAsync(service);
        var first = WriteOrder("first");
        await UntilAsync(async () => (await OrdersAsync(service)).Contains(first));

        Ehr.Weather = new HookWeather { Lost = 1 };
        var lost = WriteOrder("lost");
        Ehr.Weather = HookWeather.Fair;
        var last = WriteOrder("last");
        await UntilAsync(async () => (await OrdersAsync(service)).Count == 3);

        Assert.That(await OrdersAsync(service), Is.EqualTo(new[] { first, last, lost }));
        var asked = Ehr.Requests.All.First(r => r.PathAndQuery.Contains("/$events", StringComparison.Ordinal));
        Assert.That((asked.PathAndQuery.Split('?')[1], asked.Status), Is.EqualTo(("eventsSinceNumber=2&eventsUntilNumber=3&content=id-only", tellsEvents ? 200 : 404)));
        await UntilAsync(async () => (await KeptAsync(service))!.Count is { Seen: 3, GapAt: null });
    }

    [Test, Fault("N05")]
    public async Task The_last_event_is_missed_by_the_next_heartbeat()
    {
        await using var service = await RunningService.StartAsync(Subscribing("Topic"));
        await UntilActiveAsync(service);

        Ehr.Weather = new HookWeather { Lost = 1 };
        var lost = WriteOrder("lost");

        await UntilAsync(async () => (await OrdersAsync(service)).Contains(lost));
    }

    [Test, Fault("N05")]
    public async Task A_count_that_begins_again_is_a_sweep_and_not_a_lost_order()
    {
        await using var service = await RunningService.StartAsync(Subscribing("Topic", ("Ehrs:main:Heartbeat", "00:10:00")));
        await UntilActiveAsync(service);
        for (var number = 1; number <= 3; number++)
        {
            WriteOrder($"before-{number}");
            await UntilAsync(async () => (await KeptAsync(service))!.Count.Seen == number);
        }

        Ehr.Weather = new HookWeather { Lost = 1 };
        WriteOrder("lost");
        Ehr.ForgetEvents();
        Ehr.Weather = HookWeather.Fair;
        WriteOrder("next");

        await UntilAsync(async () => (await OrdersAsync(service)).Count == 5);
        Assert.That((await KeptAsync(service))!.Count.Seen, Is.EqualTo(1));
    }

    [Test, Fault("N02")]
    public async Task Hooks_that_are_shuffled_doubled_and_partly_lost_are_every_order_once()
    {
        await using var service = await RunningService.StartAsync(Subscribing("Topic"));
        await UntilActiveAsync(service);
        Ehr.Weather = new HookWeather { Lost = 0.2, Copies = 3, Shuffled = 5 };

        var orders = Enumerable.Range(0, 60).Select(i => WriteOrder($"o{i}")).Order(StringComparer.Ordinal).ToArray();
        Ehr.Weather = HookWeather.Fair;

        await UntilAsync(async () => (await OrdersAsync(service)).Count >= orders.Length);
        Assert.That(await OrdersAsync(service), Is.EqualTo(orders));
        await UntilAsync(async () => (await KeptAsync(service))!.Count is { Seen: 60, GapAt: null });
    }
}
