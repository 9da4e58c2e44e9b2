using Npgsql;

namespace ReferralService.Ledger.PostgreSql;

/// <summary>Brings a database up to this build's schema: in one transaction, one replica at a time.</summary>
internal static class PostgreSqlSchema
{
    /// <summary>MATERIALIZED and stored generated columns came with 12.</summary>
    private const int OldestServer = 12;

    /// <summary>Any number, as long as it is always the same: "referral" as a phone would spell it.</summary>
    private const long LockKey = 73337725;

    public static async Task ApplyAsync(NpgsqlDataSource source, TimeProvider clock, ILogger log, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new LedgerStartException($"The ledger needs PostgreSQL {OldestServer} or newer; this server is {connection.PostgreSqlVersion}.");
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var session = new PostgreSqlSession(connection);
        await session.ReadRowsAsync("SELECT pg_advisory_xact_lock(@key)", new Values().Add("key", (long?)LockKey), _ => true, cancellationToken);
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS ledger_schema (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())", new Values(), cancellationToken);
        var version = await session.ScalarAsync("SELECT max(version)::bigint FROM ledger_schema", new Values(), cancellationToken) ?? 0;
        var scripts = LedgerScripts.Of("postgresql");
        var missing = LedgerScripts.Missing(scripts, version);
        await AppliedScripts.CheckAsync(session, scripts, version, cancellationToken);
        var started = clock.GetTimestamp();
        foreach (var script in missing)
        {
            await session.ExecuteAsync(script.Sql, new Values(), cancellationToken);
            await session.ExecuteAsync("INSERT INTO ledger_schema (version) VALUES (@version)", new Values().Add("version", (int?)script.Version), cancellationToken);
            await AppliedScripts.KeepAsync(session, script, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        LedgerScripts.Tell(log, version, missing, clock.GetElapsedTime(started));
    }
}
