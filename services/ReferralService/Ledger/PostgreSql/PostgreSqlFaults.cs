using System.Net.Sockets;
using Npgsql;

namespace ReferralService.Ledger.PostgreSql;

/// <summary>What PostgreSQL's failures mean: do it again, tell the caller to, or a fault of ours.</summary>
internal static class PostgreSqlFaults
{
    /// <summary>Whether the same work may succeed at once: it lost a race, or its connection broke (the commit's outcome is then unknown, and the work reads it).</summary>
    public static bool IsWorthRepeating(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => true,
        // Another transaction kept the same command id, or made the same referral, between our look and our write.
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "command" or "referral" } => true,
        PostgresException => false,
        NpgsqlException { InnerException: TimeoutException or SocketException } => false,
        NpgsqlException { InnerException: IOException } => true,
        _ => false,
    };

    /// <summary>The exception to hand to callers.</summary>
    public static Exception ForCaller(Exception exception)
        => exception is NpgsqlException npgsql && CodeOf(npgsql) is { } code ? new LedgerUnavailableException(code, npgsql) : exception;

    private static string? CodeOf(NpgsqlException exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory } => "ledger-full",
        PostgresException
        {
            SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
                or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ConfigurationLimitExceeded
        } => "ledger-busy",
        // Classes 08 connection, 57P operator intervention; 25006: this server is a standby.
        PostgresException p when p.SqlState.StartsWith("08", StringComparison.Ordinal) || p.SqlState.StartsWith("57P", StringComparison.Ordinal)
            || p.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction => "ledger-unreachable",
        // Classes 28 and 3D: the account or the database is refused; 58, XX, F0: the server itself fails.
        PostgresException p when p.SqlState[..2] is "28" or "3D" or "58" or "XX" or "F0" => "ledger-failed",
        PostgresException => null,
        { InnerException: TimeoutException } => "ledger-busy",
        _ => "ledger-unreachable",
    };
}
