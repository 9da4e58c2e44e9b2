using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Benchmarks.Report;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;

namespace ReferralService.Benchmarks;

/// <summary>What encryption at rest costs on the way into the vault and out of it, and how long others wait while packages past their time go.</summary>
internal static class VaultFigures
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static async Task FindAsync(Choices choices, Findings findings)
    {
        findings.Add(await CostAsync(megabytes: 20, rounds: choices.Quick ? 5 : 9));
        findings.Add(await PurgeAsync(referrals: choices.Quick ? 2_000 : 100_000, chunkBytes: 4096));
    }

    private static async Task<Table> CostAsync(int megabytes, int rounds)
    {
        await using var ledger = await Ledger.OpenAsync();
        var content = new byte[megabytes * 1_000_000];
        new Random(1).NextBytes(content);
        var (clear, keyed) = (new PackageVault(ledger.Database), new PackageVault(ledger.Database, new VaultKeys([("k1", RandomNumberGenerator.GetBytes(32))])));
        var (number, inClear, underKey) = (0, Guid.Empty, Guid.Empty);

        async Task<Guid> WriteAsync(PackageVault vault)
        {
            var id = new Guid(++number, 0, 0, new byte[8]);
            await using var writer = await vault.OpenWriteAsync(id, VaultPart.Bundle, None);
            await writer.WriteAsync(content, None);
            await writer.CompleteAsync(None);
            return id;
        }

        var measured = await Measured.RunAsync(rounds,
        [
            ("seal and open chunks, nothing else", () => { Seal(content); return Task.CompletedTask; }),
            ("into the vault in clear", async () => inClear = await WriteAsync(clear)),
            ("into the vault under a key", async () => underKey = await WriteAsync(keyed)),
            ("out of the vault in clear (digest checked)", () => clear.CopyToAsync(inClear, VaultPart.Bundle, Stream.Null, None)),
            ("out of the vault under a key", () => keyed.CopyToAsync(underKey, VaultPart.Bundle, Stream.Null, None)),
        ]);
        var table = new Table($"Vault on SQLite: a package of {megabytes} MB, medians of {rounds}, processor time", "", "MB/s", "allocated / byte");
        foreach (var way in measured)
        {
            table.Add(way.Name, (content.Length / 1e3 / way.Milliseconds).ToString("0", CultureInfo.InvariantCulture), ((double)way.Allocated / content.Length).ToString("0.000", CultureInfo.InvariantCulture));
        }

        return table;
    }

    /// <summary>While so many packages go, another writes as a notification would, without a pause; how long it waits for one commit.</summary>
    private static async Task<Table> PurgeAsync(int referrals, int chunkBytes)
    {
        await using var ledger = await Ledger.OpenAsync();
        await FillAsync(ledger.Database, referrals, chunkBytes);
        var alone = await WaitsAsync(ledger.Database, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System));
        var started = Stopwatch.GetTimestamp();
        var purge = Task.Run(() => new PackageRetention(ledger.Database, new PackageVault(ledger.Database)).PurgeAsync(DateTimeOffset.UnixEpoch.AddYears(100), None));
        var waits = await WaitsAsync(ledger.Database, purge);

        var table = new Table($"Retention on SQLite: {(await purge).Referrals} packages of {2 * chunkBytes} bytes gone in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s; another writer's commits", "", "median ms", "p99 ms", "longest ms");
        Add("alone", alone);
        Add("meanwhile", waits);
        return table;

        void Add(string name, List<double> times) => table.Add(name, Text(At(times, 0.5)), Text(At(times, 0.99)), Text(times[^1]));

        static string Text(double milliseconds) => milliseconds.ToString("0.00", CultureInfo.InvariantCulture);

        static double At(List<double> sorted, double share) => sorted[(int)(share * (sorted.Count - 1))];
    }

    private static void Seal(byte[] content)
    {
        using var cipher = new ChunkCipher(new byte[32], Guid.Empty, "bundle", 1);
        for (var at = 0; at + PackageVault.ChunkBytes <= content.Length; at += PackageVault.ChunkBytes)
        {
            var chunk = content.AsSpan(at, PackageVault.ChunkBytes);
            cipher.Seal(chunk, 0, last: true);
            cipher.Open(chunk, 0, last: true);
        }
    }

    private static async Task<List<double>> WaitsAsync(LedgerDatabase database, Task until)
    {
        var waits = new List<double>();
        while (!until.IsCompleted)
        {
            var started = Stopwatch.GetTimestamp();
            await database.CheckWritableAsync(None);
            waits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        await until;
        waits.Sort();
        return waits;
    }

    private static async Task FillAsync(LedgerDatabase database, int referrals, int chunkBytes)
    {
        var series = $"WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {referrals})";
        const string id = "printf('%08x-0000-4000-8000-000000000000', i)";
        foreach (var sql in new[]
        {
            $"""
            {series} INSERT INTO referral (id, ehr, order_id, recipient_given, state, attempt, gather_tries, sequence, fence, working, crashes, package_version, package_id,
                package_digest, package_bytes, package_entries, package_chunks, outcome_unknown, resend_anyway, created_at, updated_at, revision)
            SELECT {id}, 'main', i, 0, 'delivered', 1, 0, 4, 1, 0, 0, 1, {id}, 'sha-256:0', {chunkBytes}, 1, 1, 0, 0, i, i, 4 FROM series
            """,
            $"{series} INSERT INTO timeline (referral, revision, position, sequence, event, at, state, attempt, package_id) SELECT i, 2, 0, 3, 'packaged', i, 'packaged', 0, {id} FROM series",
            $"{series} INSERT INTO package_part (package_id, part, digest, bytes, chunks, started_at, completed_at) SELECT {id}, 'bundle', 'sha-256:0', {chunkBytes}, 1, i, i FROM series",
            $"{series} INSERT INTO package_part (package_id, part, digest, bytes, chunks, started_at, completed_at) SELECT {id}, 'manifest', 'sha-256:0', {chunkBytes}, 1, i, i FROM series",
            $"INSERT INTO package_chunk (part, n, bytes) SELECT number, 0, randomblob({chunkBytes}) FROM package_part",
        })
        {
            await database.WriteAsync(s => s.ExecuteAsync(sql, new Values(), None), None);
        }

        await database.WipeAsync(None);
    }

    private sealed class Ledger(DirectoryInfo folder, LedgerDatabase database) : IAsyncDisposable
    {
        public LedgerDatabase Database { get; } = database;

        public static async Task<Ledger> OpenAsync()
        {
            var folder = Directory.CreateTempSubdirectory("vault-figures-");
            var database = new SqliteLedger($"Data Source={Path.Combine(folder.FullName, "referrals.db")}", TimeProvider.System, NullLogger<SqliteLedger>.Instance);
            await database.OpenAsync(None);
            return new(folder, database);
        }

        public async ValueTask DisposeAsync()
        {
            await Database.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
