using System.Collections.Concurrent;

namespace ReferralService.Ledger;

/// <summary>What was learned of a partner (a limit met, a search refused, a form that works): key and value per partner, shared by all replicas.</summary>
internal sealed class PartnerMemory(LedgerDatabase database)
{
    // As many as there are partners in the settings.
    private readonly ConcurrentDictionary<string, (long Mark, IReadOnlyDictionary<string, string> Recalled)> _known = new(StringComparer.Ordinal);

    /// <param name="partner"><c>ehr:{name}</c> or <c>recipient:{name}</c>.</param>
    public async Task<IReadOnlyDictionary<string, string>> RecallAsync(string partner, CancellationToken cancellationToken)
    {
        var mark = database.Memories.Mark;
        if (_known.TryGetValue(partner, out var known) && known.Mark == mark && database.Sql is Dialect.Sqlite)
        {
            // Asked several times in each step, and nobody but this process writes the file.
            return known.Recalled;
        }

        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT key, value FROM partner_memory WHERE partner = @partner",
                new Values().Add("partner", partner), row => (Key: row.GetString(0), Value: row.GetString(1)), cancellationToken),
            cancellationToken);
        var recalled = rows.ToDictionary(row => row.Key, row => row.Value, StringComparer.Ordinal);
        _known[partner] = (mark, recalled);
        return recalled;
    }

    /// <summary>What one key holds for each partner that has it, and when that was learned.</summary>
    public async Task<IReadOnlyDictionary<string, (string Value, DateTimeOffset At)>> RecallAllAsync(string key, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT partner, value, at FROM partner_memory WHERE key = @key",
                new Values().Add("key", key), row => (Partner: row.GetString(0), Value: row.GetString(1), At: row.Instant(2)), cancellationToken),
            cancellationToken);
        return rows.ToDictionary(row => row.Partner, row => (row.Value, row.At), StringComparer.Ordinal);
    }

    public Task LearnAsync(string partner, string key, string value, CancellationToken cancellationToken)
        => WriteAsync(
            """
            INSERT INTO partner_memory (partner, key, value, at) VALUES (@partner, @key, @value, @at)
            ON CONFLICT (partner, key) DO UPDATE SET value = excluded.value, at = excluded.at
            """,
            new Values().Add("partner", partner).Add("key", key).Add("value", value).Add("at", database.Clock.GetUtcNow()), cancellationToken);

    public Task ForgetAsync(string partner, CancellationToken cancellationToken)
        => WriteAsync("DELETE FROM partner_memory WHERE partner = @partner", new Values().Add("partner", partner), cancellationToken);

    private async Task WriteAsync(string sql, Values values, CancellationToken cancellationToken)
    {
        await database.WriteSinglyAsync(session => session.ExecuteAsync(sql, values, cancellationToken), cancellationToken);
        database.Memories.Move();
    }
}
