using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Stores;

/// <summary>The ledger's file is locked, its disk full, failing, read-only, or put back from a backup, under the service as it is deployed.</summary>
[Parallelizable]
public sealed class SqliteTroubleTests
{
    [Test]
    [Fault("D01")]
    public async Task While_another_process_holds_the_write_lock_a_hook_gets_503_and_when_it_is_free_202()
    {
        await using var scene = await Scene.StartAsync();
        await using var service = await ServiceReplica.StartNewAsync(StoreScene.Settings(scene));
        var accepted = scene.WriteOrder(seed: 1);
        await service.HookUntilAcceptedAsync(scene, accepted);
        await service.UntilDeliveredAsync(1);
        var order = scene.WriteOrder(seed: 2);

        await using (var other = new SqliteConnection($"Data Source={service.LedgerFile};Pooling=False"))
        {
            await other.OpenAsync();
            await using var begin = new SqliteCommand("BEGIN IMMEDIATE", other);
            await begin.ExecuteNonQueryAsync();
            using var answer = await service.HookAsync(scene, order);
            using var live = await service.Http.GetAsync("/health/live");
            using var ready = await service.Http.GetAsync("/health/ready");
            Assert.Multiple(() =>
            {
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
                Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
                Assert.That(live.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            });
        }

        await service.HookUntilAcceptedAsync(scene, order);
        await service.UntilDeliveredAsync(2);
        await service.CheckAsync(scene, 2);
    }

    [Test]
    [Fault("D02")]
    [Fault("S41")]
    public async Task On_a_full_disk_a_hook_gets_503_nothing_is_half_written_and_room_mends_it()
    {
        await using var disk = await Mount.NewAsync(megabytes: 24);
        await using var scene = await Scene.StartAsync();
        await using var service = await ServiceReplica.StartNewAsync(
            StoreScene.Settings(scene, ("Ledger:ConnectionString", $"Data Source={Path.Combine(disk.Folder, "referrals.db")}")));
        await service.HookUntilAcceptedAsync(scene, scene.WriteOrder(seed: 1));
        await service.UntilDeliveredAsync(1);

        disk.Fill();
        var refused = new List<HttpStatusCode>();
        var accepted = 0;
        var orders = Enumerable.Range(2, 30).Select(seed => scene.WriteOrder(seed)).ToList();
        foreach (var order in orders)
        {
            // The write-ahead log was written before and has room in itself for some.
            using var answer = await service.HookAsync(scene, order);
            accepted += answer.StatusCode == HttpStatusCode.Accepted ? 1 : 0;
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                refused.Add(answer.StatusCode);
            }
        }

        Assert.That(refused, Is.Not.Empty.And.All.EqualTo(HttpStatusCode.ServiceUnavailable), $"{accepted} accepted");
        disk.MakeRoom();
        foreach (var order in orders)
        {
            await service.HookUntilAcceptedAsync(scene, order);
        }

        await service.UntilDeliveredAsync(31);
        await service.CheckAsync(scene, 31);
    }

    [Test]
    [Fault("D03")]
    public async Task A_failed_sync_ends_the_process_and_the_next_start_checks_the_file_and_goes_on()
    {
        Assume.That(File.Exists("/usr/bin/strace"), "strace injects the fault; deploy/test.sh installs it.");
        await using var scene = await Scene.StartAsync();
        scene.Ehr.Faults.Add(new Fault { Path = "^/Observation", Delay = TimeSpan.FromSeconds(1), Times = null });
        await using var service = await ServiceReplica.StartNewAsync(StoreScene.Settings(scene));
        foreach (var seed in Enumerable.Range(1, 5))
        {
            await service.HookUntilAcceptedAsync(scene, scene.WriteOrder(seed));
        }

        using var strace = Process.Start(new ProcessStartInfo("strace",
            ["-f", "-q", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-o", "/dev/null", "-p", $"{service.ProcessId}"]))!;
        var last = scene.WriteOrder(seed: 6);
        HttpStatusCode? answered = null;
        try
        {
            // Until strace has attached, a sync may still succeed; the steps under way sync too.
            using var answer = await service.HookAsync(scene, last);
            answered = answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            // It ended before it could answer.
        }

        await service.ExitedAsync();
        await strace.WaitForExitAsync();
        Assert.Multiple(() =>
        {
            Assert.That(answered, Is.AnyOf(null, HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable));
            Assert.That(service.Output, Does.Contain("A sync of the ledger's file"));
        });

        await service.StartAsync();
        Assert.That(service.Output, Does.Contain("it was checked and is whole"));
        if (answered != HttpStatusCode.Accepted)
        {
            await service.HookUntilAcceptedAsync(scene, last);
        }

        await service.UntilDeliveredAsync(6);
        await service.CheckAsync(scene, 6);
    }

    [Test]
    [Fault("D04")]
    public async Task A_disk_that_is_read_only_refuses_the_start_with_the_path()
    {
        await using var disk = await Mount.NewAsync(megabytes: 8);
        var file = Path.Combine(disk.Folder, "data", "referrals.db");
        await using var scene = await Scene.StartAsync();
        await using var service = await ServiceReplica.StartNewAsync(StoreScene.Settings(scene, ("Ledger:ConnectionString", $"Data Source={file}")));
        await service.StopAsync();
        await disk.ReadOnlyAsync();

        service.Launch();
        var code = await service.ExitedAsync();

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(3));
            Assert.That(service.Output, Does.Contain($"The ledger's file {file} cannot be made or written by this account"));
        });
    }

    [TestCase(0, 100, TestName = "A damaged header refuses the start with the path and the remedy")]
    [TestCase(4096, 65536, TestName = "A damaged body refuses the start or keeps the service from writing nonsense")]
    [Fault("D04")]
    public async Task A_damaged_file_refuses_the_start(int at, int length)
    {
        await using var scene = await Scene.StartAsync();
        await using var service = await ServiceReplica.StartNewAsync(StoreScene.Settings(scene));
        await service.HookUntilAcceptedAsync(scene, scene.WriteOrder(seed: 1));
        await service.UntilDeliveredAsync(1);
        await service.StopAsync();
        await using (var file = File.OpenWrite(service.LedgerFile))
        {
            file.Position = at;
            await file.WriteAsync(Enumerable.Repeat((byte)0x5A, length).ToArray());
        }

        service.Launch();
        var code = await service.ExitedAsync();

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(3));
            Assert.That(service.Output, Does.Contain(service.LedgerFile).And.Contain("restore a backup"));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    [Fault("D07")]
    public async Task After_a_restored_backup_what_came_since_is_found_again_and_nothing_is_doubled(bool updateCreate)
    {
        await using var scene = await Scene.StartAsync(new SandboxConsultantOptions { UpdateCreate = updateCreate });
        await using var service = await ServiceReplica.StartNewAsync(StoreScene.Settings(scene, ("Ehrs:main:PollInterval", "00:00:02")));
        scene.WriteOrder(seed: 1);
        await service.UntilDeliveredAsync(1);
        await service.StopAsync();
        var backup = await File.ReadAllBytesAsync(service.LedgerFile);
        await service.StartAsync();
        foreach (var seed in Enumerable.Range(2, 4))
        {
            scene.WriteOrder(seed);
        }

        await service.UntilDeliveredAsync(5);
        await service.KillAsync();
        foreach (var rest in new[] { "-wal", "-shm" })
        {
            File.Delete(service.LedgerFile + rest);
        }

        await File.WriteAllBytesAsync(service.LedgerFile, backup);
        await service.StartAsync();
        await service.UntilDeliveredAsync(5);

        await service.CheckAsync(scene, 5);
    }
}
