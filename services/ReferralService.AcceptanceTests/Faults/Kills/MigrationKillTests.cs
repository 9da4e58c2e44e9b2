using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.Tests.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Killed at any moment of the start that brings a ledger of the first schema up to this build's: the next start finds it as it was, or as it should be.</summary>
public sealed class MigrationKillTests
{
    private const int Referrals = 20_000;

    [Test]
    [Fault("K19")]
    public async Task A_SQLite_file_of_the_first_schema_survives_fifty_kills_of_the_start_that_migrates_it()
    {
        var folder = Directory.CreateTempSubdirectory("referral-migration-");
        var (first, file) = (Path.Combine(folder.FullName, "first.db"), Path.Combine(folder.FullName, "referrals.db"));
        MakeFirstSchema(first);
        await using var scene = await Scene.StartAsync();
        var found = new Dictionary<long, int>();
        var dice = new Random(19);

        for (var kill = 0; kill < 50; kill++)
        {
            foreach (var left in Directory.EnumerateFiles(folder.FullName, "referrals.db*"))
            {
                File.Delete(left);
            }

            File.Copy(first, file);
            await using (var service = new ServiceReplica(scene.Settings(("Ledger:ConnectionString", $"Data Source={file}"))))
            {
                service.Launch();
                await DieAroundMigrationAsync(service, file, kill, dice);
            }

            var at = Read(file, "PRAGMA user_version");
            found[at] = found.GetValueOrDefault(at) + 1;
            await using var ledger = await LedgerLeftBehind.OpenAsync(file);
            Assert.That(await ledger.TextAsync("PRAGMA integrity_check"), Is.EqualTo("ok"));
            Assert.That(await ledger.CountAsync("PRAGMA user_version"), Is.EqualTo(LedgerScripts.Of("sqlite")[^1].Version));
            Assert.That(await ledger.CountAsync("SELECT count(*) FROM ledger_script"), Is.EqualTo(LedgerScripts.Of("sqlite").Count));
            Assert.That(await ledger.CountAsync("SELECT count(*) FROM referral WHERE package_purged_at IS NULL"), Is.EqualTo(Referrals));
        }

        folder.Delete(recursive: true);
        TestContext.Out.WriteLine($"seed 19; schema found after the kill: {string.Join(", ", found.OrderBy(f => f.Key).Select(f => $"{f.Key} {f.Value} times"))}");
        Assert.That(found.Keys, Is.SubsetOf(new[] { 1L, LedgerScripts.Of("sqlite")[^1].Version }), "whole, or not at all");
        Assert.That(found, Has.Count.EqualTo(2), "the kills fell on both sides of the commit");
    }

    [Test]
    [Fault("K19")]
    public async Task A_PostgreSQL_database_of_the_first_schema_survives_kills_of_the_start_that_migrates_it()
    {
        var server = await SharedPostgreSql.GetAsync();
        await using var scene = await Scene.StartAsync();
        var dice = new Random(19);
        for (var kill = 0; kill < 6; kill++)
        {
            var database = await server.CreateDatabaseAsync();
            await MakeFirstSchemaAsync(database);
            await using (var service = new ServiceReplica(scene.Settings(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database))))
            {
                service.Launch();
                await Task.Delay(TimeSpan.FromMilliseconds(300 + dice.Next(900)), TimeProvider.System);
                await service.KillAsync();
            }

            await using var ledger = await LedgerUnderTest.OpenAsync(database);
            Assert.That(await ledger.Database.ReadAsync(s => s.ScalarAsync("SELECT max(version)::bigint FROM ledger_schema", new Values(), default), default), Is.EqualTo(LedgerScripts.Of("postgresql")[^1].Version));
            Assert.That(await ledger.Database.ReadAsync(s => s.ScalarAsync("SELECT count(*) FROM referral WHERE package_purged_at IS NULL", new Values(), default), default), Is.EqualTo(Referrals / 10));
        }
    }

    /// <summary>The migration is short and the start is long: of ten kills four fall anywhere, four soon after the file was first written to, and two as soon as the new schema is seen.</summary>
    private static async Task DieAroundMigrationAsync(ServiceReplica service, string file, int kill, Random dice)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var wait = TimeSpan.FromMilliseconds(dice.Next(1200));
        if (kill % 10 < 4)
        {
            await Task.Delay(wait, TimeProvider.System, ceiling.Token);
        }
        else
        {
            while (!File.Exists(file + "-wal"))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, ceiling.Token);
            }

            while (kill % 10 >= 8 && Read(file, "PRAGMA user_version") == 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ceiling.Token);
            }

            await Task.Delay(kill % 10 < 8 ? wait / 6 : TimeSpan.Zero, TimeProvider.System, ceiling.Token);
        }

        await service.KillAsync();
    }

    private static void MakeFirstSchema(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Run(connection, LedgerScripts.Of("sqlite")[0].Sql);
        Run(connection, "PRAGMA user_version = 1");
        Run(connection, Fill(Referrals, "FALSE", "printf('%08d', n)", "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @most)"));
    }

    private static async Task MakeFirstSchemaAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        foreach (var sql in new[]
        {
            LedgerScripts.Of("postgresql")[0].Sql,
            "CREATE TABLE ledger_schema (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()); INSERT INTO ledger_schema (version) VALUES (1)",
            Fill(Referrals / 10, "FALSE", "gen_random_uuid()", "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @most)"),
        })
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static string Fill(int most, string no, string id, string numbers) => $"""
        {numbers.Replace("@most", most.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}
        INSERT INTO referral (id, ehr, order_id, recipient_given, state, attempt, gather_tries, sequence, fence, working, crashes, package_version, package_id,
            package_bytes, package_entries, package_chunks, outcome_unknown, resend_anyway, created_at, updated_at, revision)
        SELECT {id}, 'main', 'o-' || n, {no}, 'delivered', 1, 0, 4, 4, {no}, 0, 1, {id}, 0, 0, 0, {no}, {no}, n, n, 4 FROM numbers
        """;

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Read(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
