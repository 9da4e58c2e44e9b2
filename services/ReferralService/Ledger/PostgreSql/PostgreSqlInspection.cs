using System.Net.Sockets;
using Npgsql;

namespace ReferralService.Ledger.PostgreSql;

/// <summary>How the ledger's database server stands.</summary>
internal static class PostgreSqlInspection
{
    private const int OldestServer = 12;

    private const string ClockSql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    public static async Task<LedgerCondition> LookAsync(string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        var asked = new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 5, CommandTimeout = 5, Pooling = false, ApplicationName = "referral-service doctor" };
        var condition = new LedgerCondition { Where = $"{asked.Host} {asked.Database}", BuildVersion = LedgerScripts.Of("postgresql")[^1].Version };
        try
        {
            await using var connection = new NpgsqlConnection(asked.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return await LookAsync(condition with { Server = connection.PostgreSqlVersion.ToString() }, connection, clock, cancellationToken);
        }
        catch (LedgerStartException refused)
        {
            return condition with { Trouble = new("ledger-schema", refused.Message, "docs/runbook.md, \"Upgrading\"") };
        }
        catch (NpgsqlException e)
        {
            return condition with { Trouble = TroubleOf(e) };
        }
    }

    private static async Task<LedgerCondition> LookAsync(LedgerCondition condition, NpgsqlConnection connection, TimeProvider clock, CancellationToken cancellationToken)
    {
        var session = new PostgreSqlSession(connection);
        var (ours, began) = (clock.GetUtcNow(), clock.GetTimestamp());
        var theirs = await session.ScalarAsync(ClockSql, new Values(), cancellationToken) ?? 0;
        var took = clock.GetElapsedTime(began);
        condition = condition with { Exists = true, Took = took, ClockSkew = Instants.FromMicroseconds(theirs) - (ours + (took / 2)) };
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            return condition with { Trouble = new("ledger-server-old", $"PostgreSQL {connection.PostgreSqlVersion} is older than {OldestServer}", "upgrade the server") };
        }

        var remarks = new List<LedgerTrouble>();
        if (await OffAsync(session, "fsync", cancellationToken) || await OffAsync(session, "synchronous_commit", cancellationToken))
        {
            remarks.Add(new("ledger-not-durable", "fsync or synchronous_commit is off: what was answered with 202 may be lost at a power failure", "switch both on for this database"));
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var made = await session.ScalarAsync("SELECT CASE WHEN to_regclass('ledger_schema') IS NULL THEN 0 ELSE 1 END::bigint", new Values(), cancellationToken) == 1;
        var mayMake = await session.ScalarAsync("SELECT CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 1 ELSE 0 END::bigint", new Values(), cancellationToken) == 1;
        var version = made ? await session.ScalarAsync("SELECT max(version)::bigint FROM ledger_schema", new Values(), cancellationToken) ?? 0 : 0;
        condition = condition with { Version = version, Remarks = remarks };
        var scripts = LedgerScripts.Of("postgresql");
        if (LedgerScripts.Missing(scripts, version).Count > 0 && !mayMake)
        {
            return condition with { Trouble = new("ledger-rights", "the schema has to be brought forward, and the user may make nothing in it", "GRANT CREATE ON SCHEMA public TO the user of Ledger:ConnectionString, or make it the database's owner") };
        }

        if (version > 0)
        {
            // Undone with the transaction.
            await AppliedScripts.CheckAsync(session, scripts, version, cancellationToken);
            await session.ExecuteAsync("INSERT INTO probe (id, at) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET at = excluded.at", new Values(), cancellationToken);
        }

        await transaction.RollbackAsync(cancellationToken);
        return condition;
    }

    private static async Task<bool> OffAsync(PostgreSqlSession session, string setting, CancellationToken cancellationToken)
        => await session.ScalarAsync($"SELECT CASE WHEN current_setting('{setting}') = 'off' THEN 1 ELSE 0 END::bigint", new Values(), cancellationToken) == 1;

    private static LedgerTrouble TroubleOf(NpgsqlException e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification }
            => new("ledger-login", "it refuses user or password", "correct Username and Password of Ledger:ConnectionString, or pg_hba.conf over there"),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => new("ledger-missing", "there is no such database", "createdb, or correct Database of Ledger:ConnectionString"),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => new("ledger-rights", "the user may not read or write the ledger's tables", "make it the owner of the database, or GRANT it all on its tables"),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => new("ledger-connections", "it has no connection left", "raise max_connections, or lower Maximum Pool Size of Ledger:ConnectionString"),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => new("ledger-not-writable", "it takes no writes (a standby)", "name the primary in Ledger:ConnectionString"),
        { InnerException: SocketException or TimeoutException } => new("ledger-unreachable", "no server answers", "see that it runs, and correct Host and Port of Ledger:ConnectionString"),
        _ => new("ledger-failed", $"it cannot be used (SQLSTATE {(e as PostgresException)?.SqlState ?? "none"})", "look at the server's log; check Ledger:ConnectionString"),
    };
}
