using System.Text.Json;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>A referral that ends the process each time it is worked on is found out and set aside; those that were only in flight are not.</summary>
public sealed class PoisonTests
{
    [Test]
    [Fault("K22")]
    public async Task A_referral_that_kills_its_process_each_time_is_held_as_poison_and_the_others_are_delivered()
    {
        await using var scene = await Scene.StartAsync();
        var poison = TinyOrders.Write(scene, "poison", 0);
        await using var service = new ServiceReplica(scene.Settings(
            ("Flow:SuspectAfter", "00:00:00.500"), ("Flow:LookEvery", "00:00:00.050"), ("Delivery:AttemptTimeout", "00:00:02")))
        {
            FaultPoints = $"K05:kill,key={poison["ServiceRequest/".Length..]}",
        };
        await service.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await service.SubmitAsync(TinyOrders.Write(scene, "other", i), "east"));
        }

        var condemned = await SubmitLastAsync(service, poison);
        var deaths = 0;
        await service.UntilAsync("poison", async () =>
        {
            if (service.HasEnded)
            {
                deaths++;
                await service.ExitedAsync();
                service.Launch();
            }

            return (await service.ShowAsync(condemned)).GetProperty("state").GetString() == "held";
        });

        Assert.That((await service.ShowAsync(condemned)).GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("poison"));
        Assert.That(deaths, Is.EqualTo(6), "three deaths among others and three alone, each counted before the work that brought it");
        foreach (var id in ids)
        {
            await service.UntilStateAsync(id, "delivered");
        }

        Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier), Is.Unique.And.Exactly(ids.Count).Items);
    }

    [Test]
    [Fault("K22")]
    public async Task Forty_referrals_in_flight_through_ten_kills_are_delivered_once_each_and_none_is_called_poison()
    {
        await using var scene = await Scene.StartAsync();
        // Slow enough that each kill finds many at work.
        scene.Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/Observation", Delay = TimeSpan.FromMilliseconds(400), Times = null });
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings(
            ("Flow:MaxInFlight", "128"), ("Flow:PerEhr", "64"), ("Flow:PerRecipient", "64"), ("Flow:SuspectAfter", "00:00:02"), ("Delivery:AttemptTimeout", "00:00:02")));
        var ids = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            ids.Add(await service.SubmitAsync(TinyOrders.Write(scene, "flight", i), "east"));
        }

        for (var kill = 0; kill < 10; kill++)
        {
            await service.KillAsync();
            var asked = scene.Ehr.Requests.Count;
            await service.StartAsync();
            // At work again, or nothing left to do it on.
            await service.UntilAsync("at work", async () => scene.Ehr.Requests.Count > asked + 20 || await RestingAsync(service) == ids.Count || await WaitingAsync(service));
        }

        foreach (var id in ids)
        {
            await service.UntilStateAsync(id, "delivered");
        }

        Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier).Distinct().Count(), Is.EqualTo(ids.Count));
    }

    private static async Task<int> RestingAsync(ServiceReplica service) => (await service.ListAsync()).Count(r => r.GetProperty("state").GetString() is "delivered" or "held");

    /// <summary>Everything left is under suspicion and waits until this process has lived for a while.</summary>
    private static async Task<bool> WaitingAsync(ServiceReplica service)
        => (await service.ListAsync()).All(r => r.GetProperty("state").GetString() is "delivered" || r.TryGetProperty("nextAttemptAt", out var next) && next.ValueKind == JsonValueKind.String
            && next.GetDateTimeOffset() > TimeProvider.System.GetUtcNow());

    /// <summary>Its process may die before the answer; the submit is in the ledger then or is made again.</summary>
    private static async Task<string> SubmitLastAsync(ServiceReplica service, string order)
    {
        try
        {
            return await service.SubmitAsync(order, "east");
        }
        catch (HttpRequestException)
        {
            await service.ExitedAsync();
            await service.StartAsync();
            return (await service.ListAsync()).Single(r => r.GetProperty("serviceRequest").GetString() == order).GetProperty("id").GetString()!;
        }
    }
}
