using ReferralService.Ledger.PostgreSql;
using ReferralService.Ledger.Sqlite;

namespace ReferralService.Ledger;

/// <summary>Looks at the ledger's database from beside: takes no lock that a service holds or wants for longer than a moment, makes nothing, brings nothing forward.</summary>
internal static class LedgerInspection
{
    public static Task<LedgerCondition> LookAsync(LedgerOptions options, TimeProvider clock, CancellationToken cancellationToken)
        => options.Provider == LedgerProvider.PostgreSql
            ? PostgreSqlInspection.LookAsync(options.ConnectionString, clock, cancellationToken)
            : SqliteInspection.LookAsync(options.ConnectionString, clock, cancellationToken);

    /// <summary>The database for reading alone, also beside a running service; to be used only when its <see cref="LedgerCondition"/> is readable.</summary>
    public static LedgerDatabase OpenToRead(LedgerOptions options, TimeProvider clock, ILoggerFactory logs)
        => options.Provider == LedgerProvider.PostgreSql
            ? new PostgreSqlLedger(options.ConnectionString, clock, logs.CreateLogger<PostgreSqlLedger>())
            : new SqliteGlance(options.ConnectionString, clock);
}
