using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace ReferralService.Ledger.Sqlite;

/// <summary>The ledger in one file: WAL, synced at every commit, one writer, any number of readers.</summary>
internal sealed partial class SqliteLedger(string connectionString, TimeProvider clock, ILogger<SqliteLedger> log, TimeSpan? busyTimeout = null)
    : LedgerDatabase(new Dialect.Sqlite(), clock)
{
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WipePatience = TimeSpan.FromMilliseconds(50);

    /// <summary>What a statement lays aside for a moment: a confined process has no folder for it, and a disk would keep it.</summary>
    private const string InMemory = "PRAGMA temp_store = MEMORY";

    /// <summary>16 MB of the log: the same pages are written again and again, and brought into the file once.</summary>
    private const int CheckpointPages = 4000;

    /// <summary>What a group changes stays in memory until it is committed: what does not fit is written twice.</summary>
    private const int WriterCacheKiB = 8192;

    private readonly TimeSpan _busy = busyTimeout ?? DefaultBusyTimeout;
    private readonly ConcurrentStack<SqliteSession> _readers = new();
    private SqliteFile? _file;
    private SqliteWriter? _writer;

    public override EventHolds Holds { get; } = new(clock);

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        var file = SqliteFile.Take(connectionString);
        SqliteSession? session = null;
        try
        {
            session = OpenWriter(file);
            await CheckIfDoubtedAsync(file, session, cancellationToken);
            await ApplyScriptsAsync(session, cancellationToken);
            FreeLeasesOfThePredecessor(session);
            if (file.MadeFolder) Log.NewFolder(log, file.Path);
            _writer = new SqliteWriter(session, () => OpenWriter(file), () => EndProcess(file), log);
            _file = file;
        }
        catch (SqliteException exception)
        {
            session?.Dispose();
            file.Dispose();
            if (SqliteFaults.MayPass(exception))
            {
                throw SqliteFaults.ForCaller(exception);
            }

            throw new LedgerStartException(
                $"The ledger's file {file.Path} cannot be opened as a ledger (SQLite result {exception.SqliteExtendedErrorCode}). Check that it is whole and writable, or restore a backup.", exception);
        }
        catch
        {
            session?.Dispose();
            file.Dispose();
            throw;
        }
    }

    public override Task<T> WriteAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        => TimedAsync("write", Clock.GetTimestamp(), (_writer ?? throw NotOpen()).WriteAsync(work, durable: true, cancellationToken));

    public override Task<T> WriteSinglyAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => WriteAsync(work, cancellationToken);

    public override Task<T> WriteAheadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
        => TimedAsync("write", Clock.GetTimestamp(), (_writer ?? throw NotOpen()).WriteAsync(work, durable: false, cancellationToken));

    public override Task<T> ReadAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken) => TimedAsync("read", Clock.GetTimestamp(), ReadOnceAsync(work, cancellationToken));

    private async Task<T> ReadOnceAsync<T>(Func<LedgerSession, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SqliteSession? session = null;
        try
        {
            session = _readers.TryPop(out var idle) ? idle : OpenReader(_file ?? throw NotOpen());
            var result = await work(session);
            _readers.Push(session);
            return result;
        }
        catch (Exception exception)
        {
            session?.Dispose();
            if (SqliteFaults.IsOfTheDatabase(exception))
            {
                throw SqliteFaults.ForCaller(exception);
            }

            throw;
        }
    }

    /// <summary>Freed pages are overwritten as they are freed (secure_delete); what the write-ahead log still has of them goes when it is folded back and cut.</summary>
    public override Task WipeAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A connection of its own, and little patience: readers and the writer come first. What is not done now is done in the next round.
            using var session = new SqliteSession(
                ConnectionTo(_file ?? throw NotOpen(), SqliteOpenMode.ReadWrite), $"PRAGMA busy_timeout = {WipePatience.TotalMilliseconds:F0}", Clock);
            session.RunOnce("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException exception) when (SqliteFaults.IsOfTheDatabase(exception))
        {
            if (SqliteFaults.MeansLostWrites(exception))
            {
                EndProcess(_file!);
            }

            throw SqliteFaults.ForCaller(exception);
        }

        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        // Readers first: the last connection to close is the writer's, which folds the write-ahead log back into the file.
        while (_readers.TryPop(out var reader))
        {
            reader.Dispose();
        }

        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        _file?.Dispose();
        Holds.Dispose();
    }

    private static InvalidOperationException NotOpen() => new("ledger-not-open");

    private SqliteSession OpenWriter(SqliteFile file) => new(
        ConnectionTo(file, SqliteOpenMode.ReadWriteCreate),
        $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA busy_timeout = {_busy.TotalMilliseconds:F0}; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = {CheckpointPages}; PRAGMA cache_size = -{WriterCacheKiB}; {InMemory}",
        Clock);

    private SqliteSession OpenReader(SqliteFile file) => new(
        ConnectionTo(file, SqliteOpenMode.ReadOnly), $"PRAGMA busy_timeout = {_busy.TotalMilliseconds:F0}; {InMemory}", Clock);

    private string ConnectionTo(SqliteFile file, SqliteOpenMode mode) => new SqliteConnectionStringBuilder(connectionString)
    {
        DataSource = file.Path,
        Mode = mode,
        // Sessions are kept by ourselves, with their statements; closing one closes its files.
        Pooling = false,
        // SQLite's own busy_timeout does the waiting; the driver's would begin it again.
        DefaultTimeout = Math.Max(1, (int)_busy.TotalSeconds),
    }.ConnectionString;

    /// <summary>At once and without farewell: a clean end would write on what may be lost. What is in the file is whole up to some commit.</summary>
    private static void EndProcess(SqliteFile file)
    {
        file.Doubt();
        // Not the logger: its writer would not get to it any more.
        Console.Error.WriteLine($"A sync of the ledger's file {file.Path} failed; the process ends at once, and the next start checks the file. Look at the disk.");
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
    }

    private async Task CheckIfDoubtedAsync(SqliteFile file, SqliteSession session, CancellationToken cancellationToken)
    {
        if (!file.IsDoubted)
        {
            return;
        }

        var findings = await session.ReadRowsAsync("PRAGMA integrity_check(10)", new Values(), row => row.GetString(0), cancellationToken);
        if (findings is not ["ok"])
        {
            throw new LedgerStartException($"The ledger's file {file.Path} is damaged: a sync to its disk failed, and the check finds {findings.Count} fault(s). Restore a backup on a sound disk.");
        }

        file.Trust();
        Log.Whole(log, file.Path);
    }

    private async Task ApplyScriptsAsync(SqliteSession session, CancellationToken cancellationToken)
    {
        var started = Clock.GetTimestamp();
        session.RunOnce("BEGIN IMMEDIATE");
        var version = await session.ScalarAsync("PRAGMA user_version", new Values(), cancellationToken) ?? 0;
        var scripts = LedgerScripts.Of("sqlite");
        var missing = LedgerScripts.Missing(scripts, version);
        await AppliedScripts.CheckAsync(session, scripts, version, cancellationToken);
        foreach (var script in missing)
        {
            session.RunOnce(script.Sql);
            // A PRAGMA takes no parameters; the number is ours.
            session.RunOnce($"PRAGMA user_version = {script.Version}");
            await AppliedScripts.KeepAsync(session, script, cancellationToken);
        }

        session.RunOnce("COMMIT");
        LedgerScripts.Tell(log, version, missing, Clock.GetElapsedTime(started));
    }

    /// <summary>The lock file says that whoever held these leases is dead. Working stays, so that what died in a step is counted as a crash.</summary>
    private void FreeLeasesOfThePredecessor(SqliteSession session)
    {
        var now = Instants.ToMicroseconds(Clock.GetUtcNow());
        session.RunOnce($"""
            BEGIN IMMEDIATE;
            UPDATE referral SET lease_until = {now} WHERE lease_until > {now};
            UPDATE notice SET lease_until = {now} WHERE lease_until > {now};
            UPDATE sweep SET lease_until = {now} WHERE lease_until > {now};
            UPDATE subscription SET lease_until = {now} WHERE lease_until > {now};
            UPDATE outbox SET available_at = queued_at WHERE available_at > queued_at;
            UPDATE webhook_outbox SET available_at = queued_at, held_by = NULL WHERE held_by IS NOT NULL;
            COMMIT;
            """);
    }

    private static partial class Log
    {
        [LoggerMessage(6019, LogLevel.Warning, "A new ledger was made at {Path}, and the folder for it. If there was a ledger before, Ledger:ConnectionString is mistyped")]
        public static partial void NewFolder(ILogger logger, string path);

        [LoggerMessage(6002, LogLevel.Warning, "A sync of the ledger's file {Path} had failed; it was checked and is whole")]
        public static partial void Whole(ILogger logger, string path);
    }
}
