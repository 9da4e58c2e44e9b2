using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Benchmarks.Report;
using ReferralService.Ledger.Sqlite;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Whether what lies in the ledger makes the service slower to walk, to show, to start, or larger.</summary>
internal static class BacklogFigures
{
    private const int Few = 10_000;
    private const int Waiting = 100_000;
    private const int Pages = 40;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    public static async Task FindAsync(Choices choices, Servers servers, Findings findings)
    {
        int many = choices.Quick ? 100_000 : 1_000_000;
        await DoneAsync(choices, servers, findings, many);
        await WaitingAsync(choices, servers, findings);
    }

    /// <summary>Two services by turns, one with few finished referrals and one with many.</summary>
    private static async Task DoneAsync(Choices choices, Servers servers, Findings findings, int many)
    {
        await using var small = await Stage.OpenAsync(servers, Setup.Usual with { Bus = BusKind.InMemory }, ["300"], prepare: ledger => FillAsync(ledger, Few, waiting: false));
        await using var large = await Stage.OpenAsync(servers, Setup.Usual with { Bus = BusKind.InMemory }, ["300"], prepare: ledger => FillAsync(ledger, many, waiting: false));
        Stage[] both = [small, large];
        await Stage.WarmAsync(choices.Warm * (choices.Quick ? 1.5 : 2), [.. both.Select(stage => (Func<Task>)(() => stage.Load.RunAsync(choices.Referrals, 8)))]);
        var rounds = both.Select(_ => new List<Round>()).ToArray();
        for (int round = 0; round < choices.Rounds; round++)
        {
            for (int i = 0; i < both.Length; i++) rounds[i].Add(await both[i].Load.RunAsync(choices.Referrals, 8));
        }

        var table = new Table(
            $"Ledger with finished referrals: SQLite FULL, bus in memory, 8 in flight, medians of {choices.Rounds} rounds by turns", "referrals", "referrals/s", "CPU ms", "list page ms", "start to ready s", "RSS MiB");
        var pages = new List<Spread>();
        for (int i = 0; i < both.Length; i++)
        {
            pages.Add(await PagesAsync(both[i].Services[0]));
            table.Add(
                (i == 0 ? Few : many).ToString("N0", CultureInfo.InvariantCulture), Spread.Of(rounds[i].Select(r => r.PerSecond)).Text("0.0"), Spread.Of(rounds[i].Select(r => r.CpuMilliseconds)).Text("0.00"),
                pages[i].Text("0.0"), both[i].Services[0].ReadyAfter.ToString("0.00", CultureInfo.InvariantCulture), $"{both[i].Services[0].Memory.Now >> 20}");
        }

        var remark = $"{many.ToString("N0", CultureInfo.InvariantCulture)} rows";
        findings.Set(Goal.Backlog, Spread.Ratio(rounds[1].Select(r => r.PerSecond), rounds[0].Select(r => r.PerSecond)), remark);
        findings.Set(Goal.ListPage, pages[1], remark);
        findings.Add(table);
    }

    /// <summary>Two fresh services before a slow EHR: one with nothing to do but what is submitted, one with a hundred thousand due.</summary>
    private static async Task WaitingAsync(Choices choices, Servers servers, Findings findings)
    {
        var watched = TimeSpan.FromSeconds(choices.Quick ? 5 : 20);
        var table = new Table($"Ledger with referrals that are due: the EHR answers after {Slow.TotalMilliseconds:0} ms, looked at {watched.TotalSeconds:0} s long", "due", "RSS MiB, highest");
        var highest = new List<double>();
        foreach (int due in (int[])[100, Waiting])
        {
            await using var stage = await Stage.OpenAsync(servers, Setup.Usual, ["300"], prepare: ledger => FillAsync(ledger, due, waiting: true));
            await stage.Arrivals.DelayAsync(Slow);
            await Task.Delay(watched, TimeProvider.System);
            if ((await stage.Arrivals.AskedAsync()).Count == 0) throw new BrokenRunException($"Of {due} referrals that are due none was begun.");
            highest.Add(stage.Services[0].Memory.Peak / (double)(1 << 20));
            table.Add(due.ToString("N0", CultureInfo.InvariantCulture), highest[^1].ToString("0", CultureInfo.InvariantCulture));
        }

        findings.Set(Goal.BacklogMemory, highest[1] - highest[0]);
        findings.Add(table);
    }

    private static async Task<Spread> PagesAsync(ServiceUnderLoad service)
    {
        var taken = new List<double>();
        for (int i = 0; i < Pages; i++)
        {
            var began = Stopwatch.GetTimestamp();
            (await service.Http.GetAsync(new Uri("/api/referrals?limit=50", UriKind.Relative))).EnsureSuccessStatusCode().Dispose();
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        // The first has the code compiled.
        return Spread.Of(taken.Skip(Pages / 4));
    }

    /// <summary>Rows as the service writes them, four lines of timeline each; by the schema alone, in one statement a table: a million takes half a minute.</summary>
    private static async Task FillAsync(string connectionString, int referrals, bool waiting)
    {
        await using (var ledger = new SqliteLedger(connectionString, TimeProvider.System, NullLogger<SqliteLedger>.Instance))
        {
            await ledger.OpenAsync(CancellationToken.None);
        }

        var now = Ledger.Instants.ToMicroseconds(TimeProvider.System.GetUtcNow());
        var series = $"WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {referrals})";
        const string id = "printf('%08x-0000-7000-8000-000000000000', i)", package = "printf('%08x-0000-5000-8000-000000000000', i)";
        var at = $"{now} - ({referrals} - i) * 1000000";
        var (state, due, sequence) = waiting ? ("'received'", $"{now}", 1) : ("'delivered'", "NULL", 4);
        var events = waiting ? "VALUES (1, 'received')" : "VALUES (1, 'received'), (2, 'gathered'), (3, 'packaged'), (4, 'delivered')";
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        foreach (var sql in new[]
        {
            $"""
            {series} INSERT INTO referral (id, ehr, order_id, recipient, recipient_given, state, attempt, gather_tries, sequence, due_at, fence, working, crashes, package_version, package_id,
                package_form, package_digest, package_bytes, package_entries, package_chunks, outcome_unknown, resend_anyway, created_at, updated_at, revision, awaited_for, awaited_since)
            SELECT {id}, 'main', 'order-f' || i, {(waiting ? "NULL" : "'urology-east'")}, 0, {state}, {(waiting ? 0 : 1)}, 0, {sequence}, {due}, {(waiting ? 0 : 4)}, 0, 0, {(waiting ? "0, NULL, NULL, NULL, 0, 0, 0" : $"1, {package}, 'document', 'sha-256:' || {id}, 700000, 300, 3")},
                0, 0, {at}, {at}, {sequence}, {(waiting ? $"'g:main', {at}" : "NULL, NULL")} FROM series
            """,
            $"""
            {series} INSERT INTO timeline (referral, revision, position, sequence, event_id, event, at, state, attempt)
            SELECT i, column1, 0, column1, {id}, column2, {at}, CASE column2 WHEN 'gathered' THEN 'gathering' ELSE column2 END, 0 FROM series, ({events})
            """,
        })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync();
        }
    }
}
