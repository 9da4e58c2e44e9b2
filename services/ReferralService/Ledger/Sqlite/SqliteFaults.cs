using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>What SQLite's failures mean to callers: the database could not (try again), or the statement was wrong (a fault of ours).</summary>
internal static class SqliteFaults
{
    /// <summary>The exception to hand to callers.</summary>
    public static Exception ForCaller(Exception exception)
        => exception is SqliteException sqlite && CodeOf(sqlite) is { } code ? new LedgerUnavailableException(code, sqlite) : exception;

    /// <summary>The whole group falls with it, not one item: the database is full, busy or failing.</summary>
    public static bool IsOfTheDatabase(Exception exception) => exception is SqliteException sqlite && CodeOf(sqlite) is not null;

    /// <summary>Nothing is wrong with the file: another program holds its lock, or the disk is full.</summary>
    public static bool MayPass(SqliteException exception) => CodeOf(exception) is "ledger-busy" or "ledger-full";

    /// <summary>The connection itself can no longer be trusted and is opened again.</summary>
    public static bool SpoilsConnection(Exception exception) => exception is SqliteException sqlite && CodeOf(sqlite) == "ledger-failed";

    /// <summary>
    /// A sync to disk failed. The system may have dropped what it could not write and call the next sync a success, so nothing this process
    /// still holds of the file can be believed (PostgreSQL's wiki, "Fsync Errors"): it has to end and read the file afresh.
    /// </summary>
    public static bool MeansLostWrites(Exception exception)
        => exception is SqliteException { SqliteExtendedErrorCode: raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC };

    // SQLite tells a full disk apart only where it writes; where it grows its shared memory (-shm) that is an I/O error.
    private static string? CodeOf(SqliteException exception) => exception.SqliteExtendedErrorCode is raw.SQLITE_IOERR_SHMSIZE ? "ledger-full" : exception.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "ledger-busy",
        raw.SQLITE_FULL => "ledger-full",
        raw.SQLITE_CANTOPEN => "ledger-unreachable",
        raw.SQLITE_IOERR or raw.SQLITE_NOMEM or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_READONLY or raw.SQLITE_PROTOCOL => "ledger-failed",
        _ => null,
    };
}
