using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Data.Sqlite;
using ReferralService.AcceptanceTests.Chaos.Truth;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Chaos;

/// <summary>Much at once: bursts, backlogs, replays, and a log that nobody reads.</summary>
[TestFixture]
internal sealed class LoadTests
{
    private const string Secret = "secret-of-the-load-test";
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(120);

    private SandboxEhr _ehr = null!;
    private SandboxConsultant _east = null!;
    private SandboxConsultant _west = null!;

    [SetUp]
    public async Task StartPartners()
    {
        (_ehr, _east, _west) = (await SandboxEhr.StartAsync(), await SandboxConsultant.StartAsync(), await SandboxConsultant.StartAsync());
        _ehr.Load(ChaosPatient.Organization("east"));
        _ehr.Load(ChaosPatient.Organization("west"));
    }

    [TearDown]
    public async Task StopPartners()
    {
        await _ehr.DisposeAsync();
        await _east.DisposeAsync();
        await _west.DisposeAsync();
    }

    [Fault("L01")]
    [TestCase(20_000, TestName = "A burst of 10,000 notifications is taken within 20 seconds")]
    [TestCase(200, TestName = "What a burst is told to repeat is found by the poll")]
    public async Task Burst(int perSecond)
    {
        const int orders = 200;
        const int notifications = 10_000;
        await using var service = await ServiceReplica.StartNewAsync(Settings(
            ("Ehrs:main:PollInterval", "00:00:02"), ("Ehrs:main:Since", "2026-01-01T00:00:00Z"), ("Intake:NotificationsPerSecond", $"{perSecond}")));
        var keys = Enumerable.Range(1, orders).Select(i => WriteOrder($"order-burst-{i}", "east")).ToList();

        var (began, answers) = (Stopwatch.GetTimestamp(), new System.Collections.Concurrent.ConcurrentDictionary<(HttpStatusCode, bool), int>());
        await Parallel.ForEachAsync(Enumerable.Range(0, notifications), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, token) =>
        {
            using var answer = await HookAsync(service, keys[i * 7919 % orders], token);
            answers.AddOrUpdate((answer.StatusCode, answer.Headers.RetryAfter is not null), 1, static (_, count) => count + 1);
        });
        var took = Stopwatch.GetElapsedTime(began);
        await UntilAsync(service, () => _east.Effects.All.Count >= orders);

        Assert.Multiple(() =>
        {
            Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(20)));
            Assert.That(answers.Keys, Is.SubsetOf(new[] { (HttpStatusCode.Accepted, false), (HttpStatusCode.TooManyRequests, true) }));
            Assert.That(answers.ContainsKey((HttpStatusCode.TooManyRequests, true)), Is.EqualTo(perSecond == 200), "the limit was met");
            Assert.That(_east.Effects.All.Select(e => e.Identifier), Is.Unique);
            Assert.That(_east.Effects.All, Has.Count.EqualTo(orders));
        });
    }

    [Test]
    [Fault("L02")]
    public async Task A_backlog_of_10_000_begins_to_flow_at_once_and_takes_no_more_memory_than_a_small_one()
    {
        await using var service = await ServiceReplica.StartNewAsync(Settings());
        var first = await service.SubmitAsync(WriteOrder("order-first-1", "east"), "east");
        await service.UntilStateAsync(first, "delivered");
        await service.KillAsync();
        Backlog(service.LedgerFile, "order-first-1", 10_000);
        for (var i = 1; i <= 600; i++)
        {
            WriteOrder($"order-backlog-{i}", "east");
        }

        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _east.Effects.Stored += _ => sent.TrySetResult();
        await service.StartAsync();
        var began = Stopwatch.GetTimestamp();
        await sent.Task.WaitAsync(Ceiling);
        var firstSend = Stopwatch.GetElapsedTime(began);
        await UntilAsync(service, () => _east.Effects.All.Count >= 150);
        var early = Resident(service);
        await UntilAsync(service, () => _east.Effects.All.Count >= 500);

        Assert.Multiple(() =>
        {
            Assert.That(firstSend, Is.LessThan(TimeSpan.FromSeconds(2)));
            Assert.That(Resident(service), Is.LessThan(Math.Max(early * 1.3, 300L << 20)));
        });
    }

    [Test]
    [Fault("L03")]
    public async Task A_replay_of_a_thousand_happens_once_each_and_does_not_hold_up_what_is_new()
    {
        const int replayed = 1_000;
        _west.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 422, Times = null });
        await using var service = await ServiceReplica.StartNewAsync(Settings());
        var ids = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(1, replayed), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            ids.Add(await service.SubmitAsync(WriteOrder($"order-replay-{i}", "west"), "west")));
        await UntilAsync(service, () => Count(service.LedgerFile, "SELECT count(*) FROM referral WHERE state = 'failed'") == replayed);
        var alone = await LatenciesAsync(service, "alone", 40);

        _west.Faults.Clear();
        var clicks = Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (id, token) =>
        {
            var twice = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => service.Http.PostAsync($"/api/referrals/{id}/retry", null, token)));
            Assert.That(twice.Select(a => a.StatusCode), Has.Some.EqualTo(HttpStatusCode.Accepted));
        });
        var beside = await LatenciesAsync(service, "beside", 40);
        await clicks;
        await UntilAsync(service, () => Count(service.LedgerFile, "SELECT count(*) FROM referral WHERE state <> 'delivered'") == 0);

        Assert.Multiple(() =>
        {
            Assert.That(_west.Effects.All.GroupBy(e => e.Identifier).Where(g => g.Count() > 1), Is.Empty, "each once");
            Assert.That(_west.Effects.All, Has.Count.EqualTo(replayed));
            Assert.That(Count(service.LedgerFile, "SELECT count(*) FROM timeline WHERE event = 'retried'"), Is.EqualTo(replayed), "a double click is one replay");
            // A machine's hiccup is no ratio: what is below half a second is quick whatever it was before.
            Assert.That(beside, Is.LessThan(TimeSpan.FromSeconds(Math.Max(alone.TotalSeconds * 1.5, 0.5))), $"alone {alone.TotalMilliseconds:F0} ms");
        });
    }

    [Test]
    [Fault("L04")]
    public async Task A_log_that_nobody_reads_holds_nothing_up()
    {
        await using var service = new ServiceReplica(Settings(
            ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore.Routing", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace"))) { LeavesOutputUnread = true };
        await service.StartAsync();

        // Some twenty lines each at this level: more than pipe and queue of the log can hold.
        for (var i = 0; i < 1_000; i++)
        {
            using var answer = await service.Http.GetAsync("/health/live");
            Assert.That(answer.IsSuccessStatusCode);
        }

        for (var i = 1; i <= 30; i++)
        {
            await service.SubmitAsync(WriteOrder($"order-unread-{i}", "east"), "east");
        }

        await UntilAsync(service, () => _east.Effects.All.Count >= 30);
        Assert.That(_east.Effects.All.Select(e => e.Identifier), Is.Unique);
    }

    private Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = _ehr.Base, ["Ehrs:main:PollInterval"] = "00:00:00", ["Ehrs:main:NotificationSecret"] = Secret,
            ["Recipients:east:BaseUrl"] = _east.Base, ["Recipients:east:Matches:0"] = "Organization/east", ["Recipients:east:Form"] = "Document",
            ["Recipients:west:BaseUrl"] = _west.Base, ["Recipients:west:Matches:0"] = "Organization/west", ["Recipients:west:Form"] = "Document",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    private string WriteOrder(string order, string recipient)
    {
        _ehr.Load(ChaosPatient.Record(order));
        return _ehr.Write(ChaosPatient.Order(order, recipient, "active"));
    }

    private static async Task<HttpResponseMessage> HookAsync(ServiceReplica service, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/fhir/notify/main/{key}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        request.Content = new StringContent($$"""{"resourceType":"ServiceRequest","id":"{{key.Split('/')[1]}}"}""", Encoding.UTF8, "application/fhir+json");
        return await service.Http.SendAsync(request, cancellationToken);
    }

    /// <summary>New orders one after the other; the p95 of the time to their arrival.</summary>
    private async Task<TimeSpan> LatenciesAsync(ServiceReplica service, string name, int orders)
    {
        var took = new List<TimeSpan>();
        for (var i = 1; i <= orders; i++)
        {
            var (before, began) = (_east.Effects.All.Count, Stopwatch.GetTimestamp());
            await service.SubmitAsync(WriteOrder($"order-{name}-{i}", "east"), "east");
            await UntilAsync(service, () => _east.Effects.All.Count > before);
            took.Add(Stopwatch.GetElapsedTime(began));
        }

        return took.Order().ElementAt((int)(orders * 0.95));
    }

    /// <summary>Referrals as one that was just received, due now: what a long outage leaves behind.</summary>
    private static void Backlog(string file, string like, int referrals)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var columns = new SqliteCommand("SELECT group_concat(name, ', ') FROM pragma_table_info('referral') WHERE name NOT IN ('number', 'id', 'order_id', 'state', 'sequence', 'due_at', 'package_id', 'package_digest', 'package_form', 'attempt_at', 'delivery_deadline', 'order_version', 'target_base', 'attempt')", connection);
        var same = (string)columns.ExecuteScalar()!;
        using var insert = new SqliteCommand(
            $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {referrals})
            INSERT INTO referral (id, order_id, state, sequence, due_at, attempt, {same})
            SELECT printf('00000000-0000-5000-8000-%012d', n.i), 'order-backlog-' || n.i, 'received', 0, 1, 0, {same}
            FROM n, referral WHERE order_id = '{like}' ORDER BY n.i
            """,
            connection);
        Assert.That(insert.ExecuteNonQuery(), Is.EqualTo(referrals));
    }

    private static long Count(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static long Resident(ServiceReplica service)
        => long.Parse(File.ReadLines($"/proc/{service.ProcessId}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) << 10;

    private static async Task UntilAsync(ServiceReplica service, Func<bool> holds)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (!holds())
        {
            Assert.That(ceiling.IsCancellationRequested, Is.False, () => $"not within {Ceiling}; it said:\n{service.Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
