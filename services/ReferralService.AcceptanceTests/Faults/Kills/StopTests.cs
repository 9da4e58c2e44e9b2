using System.Diagnostics;
using System.Net;
using Npgsql;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Told to stop with two hundred referrals in flight, at an EHR and a consultant that hang.</summary>
public sealed class StopTests
{
    private const int InFlight = 200;

    private static readonly TimeSpan Hanging = TimeSpan.FromMinutes(10);
    private static readonly (string, string)[] Wide =
        [("Flow:MaxInFlight", "512"), ("Flow:PerEhr", "256"), ("Flow:PerRecipient", "256"), ("Delivery:AttemptTimeout", "00:00:20")];

    [Test]
    public async Task On_SQLite_the_process_drains_in_ten_seconds_and_leaves_no_lease()
    {
        await using var scene = await HangingAsync();
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings(Wide));
        var ids = await FillAsync(scene, service);

        var (code, took, ready) = await StopAsync(service);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero, service.Output);
            Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(10)));
            Assert.That(ready, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "unready while it drains");
        });
        await using (var left = await LedgerLeftBehind.OpenAsync(service.LedgerFile))
        {
            Assert.That(await left.CountAsync("SELECT count(*) FROM referral WHERE lease_until IS NOT NULL OR working"), Is.Zero);
            Assert.That(await left.CountAsync("SELECT count(*) FROM referral WHERE due_at IS NOT NULL AND crashes = 0"), Is.EqualTo(InFlight));
        }

        scene.Ehr.Faults.Clear();
        scene.Consultant.Faults.Clear();
        await service.StartAsync();
        await DeliveredOnceAsync(scene, service, ids);
    }

    [Test]
    public async Task On_PostgreSQL_and_RabbitMQ_the_process_drains_in_ten_seconds_and_another_takes_its_work_at_once()
    {
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();
        var broker = await SharedBroker.GetAsync();
        await using var scene = await HangingAsync();
        var settings = scene.Settings(
            [("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database), ("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.Address.OriginalString), .. Wide]);
        // An hour: what is not given back is not taken up within this test.
        settings["Flow:Lease"] = "01:00:00";
        await using var service = await ServiceReplica.StartNewAsync(settings);
        var ids = await FillAsync(scene, service);

        var (code, took, _) = await StopAsync(service);

        Assert.That((code, took < TimeSpan.FromSeconds(10)), Is.EqualTo((0, true)), $"{took}\n{service.Output}");
        Assert.That(await CountAsync(database, "SELECT count(*) FROM referral WHERE lease_until IS NOT NULL OR working"), Is.Zero);
        Assert.That(await CountAsync(database, "SELECT count(*) FROM replica"), Is.Zero, "it took leave");
        scene.Ehr.Faults.Clear();
        scene.Consultant.Faults.Clear();
        await using var another = await ServiceReplica.StartNewAsync(settings);
        await DeliveredOnceAsync(scene, another, ids);
    }

    [Test]
    [Fault("K20")]
    public async Task Killed_a_second_after_it_was_told_to_stop_the_next_start_finishes_all_with_one_effect_each()
    {
        await using var scene = await HangingAsync();
        await using var service = await ServiceReplica.StartNewAsync(scene.Settings(Wide));
        var ids = await FillAsync(scene, service);

        Signals.Send(service.ProcessId, Signals.Terminate);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        await service.KillAsync();
        scene.Ehr.Faults.Clear();
        scene.Consultant.Faults.Clear();
        await service.StartAsync();

        await DeliveredOnceAsync(scene, service, ids);
    }

    private static async Task<Scene> HangingAsync()
    {
        var scene = await Scene.StartAsync();
        scene.Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/Patient/pulled", Delay = Hanging, Times = null });
        scene.Consultant.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Delay = Hanging, Times = null });
        return scene;
    }

    /// <summary>Half of them hang at the EHR, half at the consultant.</summary>
    private static async Task<List<string>> FillAsync(Scene scene, ServiceReplica service)
    {
        // One half after the other: those that hang at the EHR take up all the connections to it.
        var ids = new List<string>();
        foreach (var (name, state) in new[] { ("sent", "delivering"), ("pulled", "gathering") })
        {
            ids.AddRange(await Task.WhenAll(Enumerable.Range(0, InFlight / 2).Select(i => service.SubmitAsync(TinyOrders.Write(scene, name, i), "east"))));
            await service.UntilAsync($"{state}, half of all", async () => (await service.ListAsync()).Count(r => r.GetProperty("state").GetString() == state) == InFlight / 2);
        }

        return ids;
    }

    private static async Task<(int Code, TimeSpan Took, HttpStatusCode? Ready)> StopAsync(ServiceReplica service)
    {
        var began = Stopwatch.GetTimestamp();
        var stopped = service.StopAsync();
        HttpStatusCode? ready = null;
        while (!stopped.IsCompleted && ready is null or HttpStatusCode.OK)
        {
            try
            {
                using var answer = await service.Http.GetAsync("/health/ready");
                ready = answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                break;
            }
        }

        return (await stopped, Stopwatch.GetElapsedTime(began), ready);
    }

    private static async Task DeliveredOnceAsync(Scene scene, ServiceReplica service, List<string> ids)
    {
        await service.UntilAsync("all delivered", async () => (await service.ListAsync()).Count(r => r.GetProperty("state").GetString() == "delivered") == ids.Count);
        Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier), Is.Unique.And.Exactly(ids.Count).Items);
        foreach (var id in ids.Take(5).Concat(ids.TakeLast(5)))
        {
            var events = KilledService.Events(await service.ShowAsync(id));
            Assert.That(events.Select(e => e.Sequence), Is.EqualTo(Enumerable.Range(1, events.Count)));
        }
    }

    private static async Task<long> CountAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
