using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>How the ledger's file stands.</summary>
internal static class SqliteInspection
{
    private const int BlockBytes = 4096;

    /// <summary>The whole is done between two looks at the token: SQLite has no waiting to be awaited.</summary>
    public static async Task<LedgerCondition> LookAsync(string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(new SqliteConnectionStringBuilder(connectionString).DataSource);
        var folder = Path.GetDirectoryName(path)!;
        var condition = new LedgerCondition { Where = path, BuildVersion = LedgerScripts.Of("sqlite")[^1].Version, Exists = File.Exists(path) };
        if (Directory.Exists(path))
        {
            return condition with { Trouble = new("ledger-no-file", $"{path} is a folder", "give the file in it: Ledger:ConnectionString=Data Source=…/referrals.db") };
        }

        var nearest = folder;
        while (!Directory.Exists(nearest) && Path.GetDirectoryName(nearest) is { } above)
        {
            nearest = above;
        }

        try
        {
            condition = condition with { Took = WriteBlock(nearest, clock), Bytes = (Length(path), Length(path + "-wal")) };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return condition with
            {
                Trouble = new("ledger-not-writable", $"nothing can be written in {nearest}", "check Ledger:ConnectionString, the folder's owner and mode, and that its disk is not full or mounted read-only"),
            };
        }

        condition = condition with { Remarks = [.. Remarks(condition, folder, nearest)] };
        var held = SqliteFile.IsHeld(path);

        // Whoever opens a file that nobody has brings its log into it; one in doubt is looked through as it was left, by the next start.
        return condition.Exists && (held || !InDoubt(condition)) ? await OpenAsync(condition with { InUse = held }, connectionString, clock, cancellationToken) : condition;
    }

    private static IEnumerable<LedgerTrouble> Remarks(LedgerCondition condition, string folder, string nearest)
    {
        if (!condition.Exists && nearest != folder)
        {
            yield return new("ledger-folder-new", $"there is no folder {folder}; the first start makes it", "see that Ledger:ConnectionString is not mistyped, if there was a ledger before");
        }

        if (InDoubt(condition))
        {
            yield return new("ledger-doubt", "a sync of its file failed before the last end", "look at the disk; the next start checks the whole file");
        }
    }

    private static bool InDoubt(LedgerCondition condition) => File.Exists(condition.Where + ".doubt");

    private static async Task<LedgerCondition> OpenAsync(LedgerCondition condition, string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            using var session = new SqliteSession(
                new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 2 }.ConnectionString, "PRAGMA busy_timeout = 2000", clock);
            var version = await session.ScalarAsync("PRAGMA user_version", new Values(), cancellationToken) ?? 0;
            condition = condition with { Version = version };

            // Whoever writes waits for that moment; nothing of it stays.
            session.RunOnce("BEGIN IMMEDIATE");
            var scripts = LedgerScripts.Of("sqlite");
            LedgerScripts.Missing(scripts, version);
            await AppliedScripts.CheckAsync(session, scripts, version, cancellationToken);
            session.RunOnce("ROLLBACK");
            return condition;
        }
        catch (LedgerStartException refused)
        {
            return condition with { Trouble = new("ledger-schema", refused.Message, "docs/runbook.md, \"Upgrading\"") };
        }
        catch (SqliteException e)
        {
            return condition with { Trouble = TroubleOf(e) };
        }
    }

    private static LedgerTrouble TroubleOf(SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new("ledger-busy", "another program has held a lock on it for two seconds", "end it (a backup, a database shell)") { LeavesReadable = true },
        raw.SQLITE_READONLY => new("ledger-not-writable", "this account may not write the file", "give it to the account that runs the service (chown), mode 600"),
        raw.SQLITE_CANTOPEN => new("ledger-not-writable", "this account may not open the file", "give it to the account that runs the service (chown), mode 600"),
        raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => new("ledger-damaged", "it is no SQLite database, or damaged", "see that Ledger:ConnectionString names the right file, or restore a backup"),
        raw.SQLITE_FULL => new("ledger-full", "its disk is full", "make room"),
        _ => new("ledger-failed", $"SQLite cannot use it (result {e.SqliteExtendedErrorCode})", "look at the disk it is on; docs/runbook.md, \"The service does not start\""),
    };

    /// <summary>As a commit does: written and on the disk.</summary>
    private static TimeSpan WriteBlock(string folder, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        var path = Path.Combine(folder, $".referral-doctor-{Guid.CreateVersion7(clock.GetUtcNow()):N}");
        using (var scratch = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
        {
            scratch.Write(new byte[BlockBytes]);
            scratch.Flush(flushToDisk: true);
        }

        return clock.GetElapsedTime(began);
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
