using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Sqlite;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ledger;

/// <summary>What the start says of how packages are stored, and what it waits for.</summary>
internal sealed class LedgerOpeningTests
{
    private static readonly (string, byte[]) Key = ("k1", new byte[32]);

    [TestCase(true, true, "and those that are encrypted are rewritten in clear", TestName = "With keys and Vault:InClear what is encrypted is rewritten")]
    [TestCase(true, false, "and what is encrypted stays as it is", TestName = "Without keys nothing is said to be rewritten")]
    [TestCase(false, true, "Packages are encrypted with key k1", TestName = "With keys packages are encrypted")]
    [TestCase(false, false, "Vault:KeyFile is not set", TestName = "Without keys packages are in clear")]
    public async Task The_log_says_what_becomes_of_packages(bool inClear, bool withKeys, string said)
    {
        var folder = Directory.CreateTempSubdirectory("referral-opening-");
        var options = new LedgerOptions { Keys = new VaultKeys(withKeys ? [Key] : []) { InClear = inClear } };
        var log = new LogLines<LedgerOpening>();
        await using (var database = new SqliteLedger($"Data Source={Path.Combine(folder.FullName, "referrals.db")}", new ManualTimeProvider(), NullLogger<SqliteLedger>.Instance))
        {
            var check = new VaultKeyCheck(database, new PackageVault(database, options.Keys), options);
            await new LedgerOpening(database, check, options, database.Clock, log).StartAsync(CancellationToken.None);
        }

        folder.Delete(recursive: true);
        Assert.That(log.Lines, Has.Count.EqualTo(2).And.One.Contains(said));
    }

    [Test]
    [Fault("D01")]
    public async Task A_file_that_another_program_has_locked_is_waited_for()
    {
        var folder = Directory.CreateTempSubdirectory("referral-opening-");
        var file = Path.Combine(folder.FullName, "referrals.db");
        var clock = new ManualTimeProvider();
        var log = new LogLines<LedgerOpening>();
        await using (var other = new SqliteConnection($"Data Source={file};Pooling=False"))
        await using (var database = new SqliteLedger($"Data Source={file}", clock, NullLogger<SqliteLedger>.Instance, TimeSpan.FromMilliseconds(50)))
        {
            other.Open();
            using (var take = other.CreateCommand())
            {
                take.CommandText = "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE";
                take.ExecuteNonQuery();
            }

            var options = new LedgerOptions { Keys = new VaultKeys([Key]) };
            var check = new VaultKeyCheck(database, new PackageVault(database, options.Keys), options);
            var opening = new LedgerOpening(database, check, options, clock, log).StartAsync(CancellationToken.None);
            await UntilSaidAsync(log, "ledger-busy");
            await other.CloseAsync();
            clock.Advance(TimeSpan.FromSeconds(2));
            await opening.WaitAsync(TimeSpan.FromSeconds(20));
        }

        folder.Delete(recursive: true);
        Assert.That(log.Lines, Has.Some.Contains("Packages are encrypted with key k1"));
    }

    [Test]
    [Fault("D02")]
    public async Task A_fault_that_passes_while_the_keys_are_compared_does_not_end_the_start()
    {
        await using var ledger = await TemporaryLedger.OpenAsync();
        var clock = new ManualTimeProvider();
        var log = new LogLines<LedgerOpening>();
        var options = new LedgerOptions { Keys = new VaultKeys([Key]) };
        var failing = new FullOnce(ledger.Database);
        var check = new VaultKeyCheck(failing, new PackageVault(failing, options.Keys), options);
        var opening = new LedgerOpening(failing, check, options, clock, log).StartAsync(CancellationToken.None);
        await UntilSaidAsync(log, "ledger-full");
        clock.Advance(TimeSpan.FromSeconds(2));
        await opening.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(log.Lines, Has.Some.Contains("Packages are encrypted with key k1"));
    }

    private static async Task UntilSaidAsync(LogLines<LedgerOpening> log, string what)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!log.Lines.Any(line => line.Contains(what, StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, ceiling.Token);
        }
    }

    /// <summary>Its first write meets a full disk.</summary>
    private sealed class FullOnce(LedgerDatabase inner) : LedgerDatabase(inner.Sql, inner.Clock)
    {
        private bool _met;

        public override Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        {
            if (_met)
            {
                return inner.WriteAsync(work, cancellationToken);
            }

            _met = true;
            throw new LedgerUnavailableException("ledger-full", new IOException());
        }

        public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
            => inner.WriteSinglyAsync(work, cancellationToken);

        public override Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => inner.ReadAsync(work, cancellationToken);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
