using System.Net;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Killed while it takes a hint in: nothing that was said yes to is lost, and nothing that was not is needed.</summary>
[Parallelizable]
public sealed class IntakeKillTests
{
    private static readonly (string, string) Secret = ("Ehrs:main:NotificationSecret", "a-secret-of-the-hooks");
    private static readonly DateTimeOffset Cursor = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly (string, string) Since = ("Ehrs:main:Since", "2020-01-01T00:00:00Z");

    [Test]
    [Fault("K01")]
    public async Task A_hook_that_was_read_and_not_stored_got_no_answer_and_the_poll_finds_its_order()
    {
        await using var service = await KilledService.StartAsync("K01:kill@1", await Scene.StartAsync(), Secret, Since);
        var order = service.Scene.WriteOrder(seed: 1);

        Assert.That(() => HookAsync(service.Replica, order), Throws.InstanceOf<HttpRequestException>());
        await service.DiesAsync();
        service.Replica.Set("Ehrs:main:PollInterval", "00:00:01");
        await service.LiveAgainAsync();

        await service.DeliveredOnceAsync(await OnlyReferralAsync(service.Replica));
    }

    [Test]
    [Fault("K02")]
    public async Task A_hook_that_was_stored_and_not_answered_is_sent_again_and_makes_one_referral()
    {
        await using var service = await KilledService.StartAsync("K02:kill@1", await Scene.StartAsync(), Secret);
        var order = service.Scene.WriteOrder(seed: 2);

        Assert.That(() => HookAsync(service.Replica, order), Throws.InstanceOf<HttpRequestException>());
        await service.DiesAsync();
        await using (var left = await LedgerLeftBehind.OpenAsync(service.Replica.LedgerFile))
        {
            Assert.That(await left.CountAsync("SELECT count(*) FROM notice"), Is.EqualTo(1), "stored before anything is said");
        }

        await service.LiveAgainAsync();
        var again = await HookAsync(service.Replica, order);

        Assert.That(again, Is.EqualTo(HttpStatusCode.Accepted));
        await service.DeliveredOnceAsync(await OnlyReferralAsync(service.Replica));
    }

    [Test]
    [Fault("K03")]
    public async Task A_sweep_whose_first_page_is_stored_begins_again_at_the_same_cursor_and_finds_every_order_once()
    {
        var scene = await Scene.StartAsync();
        for (var seed = 1; seed <= 5; seed++)
        {
            scene.WriteOrder(seed);
        }

        await using var service = KilledService.Launch("K03:kill@1", scene, Since, ("Ehrs:main:PollInterval", "00:00:01"), ("Gathering:PageSize", "2"));
        await service.DiesAsync();
        await using (var left = await LedgerLeftBehind.OpenAsync(service.Replica.LedgerFile))
        {
            // The next sweep looks back five minutes, so that it would find these orders even behind a cursor that had run ahead.
            Assert.That(await left.CountAsync("SELECT count(*) FROM notice"), Is.EqualTo(2), "one page is stored");
            Assert.That(await left.CountAsync("SELECT cursor_at FROM sweep"), Is.EqualTo(Cursor.ToUnixTimeMilliseconds() * 1000), "and the cursor is where it was");
        }

        await service.LiveAgainAsync();

        await service.Replica.UntilAsync("all delivered", async () => (await service.Replica.ListAsync()).Count(r => r.GetProperty("state").GetString() == "delivered") == 5);
        Assert.That(await service.Replica.ListAsync(), Has.Count.EqualTo(5));
        Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier), Is.Unique.And.Exactly(5).Items);
    }

    private static async Task<HttpStatusCode> HookAsync(ServiceReplica replica, string order)
    {
        using var hook = new HttpRequestMessage(HttpMethod.Put, $"/fhir/notify/main/{order}") { Headers = { { "Authorization", $"Bearer {Secret.Item2}" } } };
        using var answer = await replica.Http.SendAsync(hook);
        return answer.StatusCode;
    }

    private static async Task<string> OnlyReferralAsync(ServiceReplica replica)
    {
        await replica.UntilAsync("there", async () => (await replica.ListAsync()).Count > 0);
        return (await replica.ListAsync()).Single().GetProperty("id").GetString()!;
    }
}
