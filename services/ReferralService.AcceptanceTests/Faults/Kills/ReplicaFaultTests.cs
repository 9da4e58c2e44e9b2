using System.Diagnostics;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.RecipientDirectory;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Several replicas on one database: one of them dies, sleeps, or is one too many.</summary>
public sealed class ReplicaFaultTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(120);

    [Test]
    [Fault("K05")]
    public async Task Another_replica_takes_up_what_a_dead_one_held_long_before_its_lease_is_over()
    {
        await using var scene = await Scene.StartAsync();
        var settings = await OnPostgreSqlAsync(scene, ("Flow:Lease", "01:00:00"));
        await using var dies = new ServiceReplica(settings) { FaultPoints = "K05:kill@1" };
        await dies.StartAsync();
        var id = await dies.SubmitAsync(scene.WriteOrder(seed: 1), "east");
        await dies.ExitedAsync();

        await using var lives = await ServiceReplica.StartNewAsync(settings);
        await lives.UntilStateAsync(id, "delivered");

        Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(1));
    }

    /// <summary>The recipient, which can only be asked, is still at work on the POST when its sender dies, and says so to nobody.</summary>
    [Test]
    [Fault("K11")]
    public async Task An_attempt_that_a_dead_replica_left_open_is_not_doubled_however_wrong_its_clock_was()
    {
        var itsClock = new ManualTimeProvider();
        await using var scene = await Scene.StartAsync(new SandboxConsultantOptions { UpdateCreate = false, Clock = itsClock });
        scene.Consultant.Faults.Add(new Fault { Method = "POST", Path = "^/Bundle", Delay = TimeSpan.FromSeconds(1), Stubborn = true });
        var settings = await OnPostgreSqlAsync(scene, ("Delivery:AttemptTimeout", "00:00:08"), ("Flow:Lease", "00:00:02"));
        await using var dies = await ServiceReplica.StartNewAsync(settings);
        var id = await dies.SubmitAsync(scene.WriteOrder(seed: 4), "east");
        await dies.UntilAsync("received whole", () => Task.FromResult(itsClock.Waiting == 1));
        await dies.KillAsync();
        await using (var ledger = await LedgerUnderTest.OpenAsync(settings["Ledger:ConnectionString"]))
        {
            // As a replica writes it whose clock is a day behind; instants are in microseconds.
            const long Day = TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond;
            await ledger.Database.WriteAsync(
                s => s.ExecuteAsync($"UPDATE referral SET attempt_at = attempt_at - {Day}, attempt_noted_at = attempt_noted_at - {Day}", new Values(), default), default);
            var left = await ledger.Referrals.FindAsync(new ReferralId(Guid.Parse(id)), default);
            Assert.That(left?.AttemptBy, Is.EqualTo(nameof(Idempotency.Probe)), "it is an attempt of this build's");
        }

        await using var lives = await ServiceReplica.StartNewAsync(settings);
        await lives.UntilAsync("the death seen", () => Task.FromResult(lives.Output.Contains("stopped giving signs of life", StringComparison.Ordinal)));
        // What the dead one held and is free now has its turn before this one.
        await lives.UntilStateAsync(await lives.SubmitAsync(scene.WriteOrder(seed: 5), "east"), "delivered");
        itsClock.Advance(TimeSpan.FromSeconds(1));
        await lives.UntilStateAsync(id, "delivered");

        Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier), Is.Unique.And.Exactly(2).Items);
    }

    /// <summary>It sleeps with the answer to its attempt in its hand, and wakes to find that another has found the package by asking.</summary>
    [TestCase("K12:stop@1", 1, TestName = "A replica that slept past its lease with the answer in its hand writes nothing")]
    [TestCase("K07:stop@1", 1, TestName = "A replica that slept past its lease before it wrote the package writes and sends nothing")]
    [Fault("P01")]
    public async Task A_replica_that_slept_past_its_lease_writes_nothing(string point, int effects)
    {
        await using var scene = await Scene.StartAsync();
        var settings = await OnPostgreSqlAsync(scene);
        await using var sleeps = new ServiceReplica(settings) { FaultPoints = point };
        await sleeps.StartAsync();
        var id = await sleeps.SubmitAsync(scene.WriteOrder(seed: 2), "east");
        await sleeps.UntilAsync("asleep", () => Task.FromResult(File.Exists(sleeps.FaultLog)));

        await using var awake = await ServiceReplica.StartNewAsync(settings);
        var delivered = await awake.UntilStateAsync(id, "delivered");
        var writes = Writes(scene);
        Signals.Send(sleeps.ProcessId, Signals.Continue);
        // It is itself again when it has carried another referral to its end.
        await awake.StopAsync();
        await sleeps.UntilStateAsync(await sleeps.SubmitAsync(scene.WriteOrder(seed: 3), "east"), "delivered");

        var after = await sleeps.ShowAsync(id);
        Assert.Multiple(() =>
        {
            Assert.That(after.GetProperty("timeline").ToString(), Is.EqualTo(delivered.GetProperty("timeline").ToString()), "the sleeper wrote nothing");
            Assert.That(after.GetProperty("package").ToString(), Is.EqualTo(delivered.GetProperty("package").ToString()));
            Assert.That(Writes(scene) - writes, Is.EqualTo(1), "and sent nothing but the other referral");
            Assert.That(scene.Consultant.Effects.All.Count(e => e.Digest == after.GetProperty("package").GetProperty("digest").GetString()), Is.EqualTo(effects));
        });
    }

    [Test]
    [Fault("P02")]
    public async Task Three_replicas_carry_many_referrals_each_step_once_and_each_with_one_effect()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("REFERRALS"), out var asked) ? asked : 300;
        var broker = (await SharedBroker.GetAsync()).Address;
        await using var listener = await StatusListener.StartAsync(broker);
        await using var scene = await Scene.StartAsync();
        var settings = await OnPostgreSqlAsync(scene, ("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.OriginalString));
        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServiceReplica.StartNewAsync(settings)));
        var began = Stopwatch.GetTimestamp();

        var ids = new List<string>();
        foreach (var some in Enumerable.Range(0, count).Chunk(50))
        {
            ids.AddRange(await Task.WhenAll(some.Select(i => replicas[i % 3].SubmitAsync(TinyOrders.Write(scene, "many", i), "east"))));
        }

        var heard = await listener.WaitForAsync(ids, 4 * count, Ceiling);
        TestContext.Out.WriteLine($"{count} referrals in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }

        Assert.Multiple(() =>
        {
            Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier), Is.Unique.And.Exactly(count).Items);
            Assert.That(Enumerable.Range(0, count).Where(i => scene.Ehr.Requests.All.Count(r => r.PathAndQuery.StartsWith($"/Patient/many-{i}", StringComparison.Ordinal) && r.PathAndQuery.EndsWith($"-{i}", StringComparison.Ordinal)) != 1), Is.Empty, "gathered once");
            foreach (var mine in heard.DistinctBy(e => e.Id).GroupBy(e => e.Referral))
            {
                Assert.That(mine.Select(e => e.Sequence), Is.EqualTo(new[] { 1, 2, 3, 4 }));
            }
        });
    }

    [Test]
    [Fault("P03")]
    public async Task A_second_process_on_one_SQLite_file_ends_with_3_and_says_what_to_use()
    {
        await using var scene = await Scene.StartAsync();
        await using var first = await ServiceReplica.StartNewAsync(scene.Settings());
        await using var second = new ServiceReplica(scene.Settings(("Ledger:ConnectionString", $"Data Source={first.LedgerFile}")));

        second.Launch();
        var code = await second.ExitedAsync();

        Assert.That(code, Is.EqualTo(3));
        Assert.That(second.Output, Does.Contain("SQLite mode is single-writer; use PostgreSQL").And.Not.Contain("Unhandled"));
        await first.UntilStateAsync(await first.SubmitAsync(scene.WriteOrder(seed: 1), "east"), "delivered");
    }

    private static int Writes(Scene scene) => scene.Consultant.Requests.CountOf("PUT", "/") + scene.Consultant.Requests.CountOf("POST", "/");

    private static async Task<Dictionary<string, string>> OnPostgreSqlAsync(Scene scene, params (string Key, string Value)[] more)
    {
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();
        return scene.Settings([
            ("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database), ("Ledger:ReplicaTimeout", "00:00:02"), ("Flow:LookEvery", "00:00:00.100"),
            ("Delivery:AttemptTimeout", "00:00:02"), .. more]);
    }
}
