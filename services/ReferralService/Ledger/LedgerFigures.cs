namespace ReferralService.Ledger;

/// <summary>What the ledger has that waits, for metrics and health: counted by indexes that hold open rows alone, so the figures cost the same however many referrals are at rest.</summary>
/// <param name="Open">Referrals that are neither delivered, failed nor cancelled, by state; a state without any is not there.</param>
/// <param name="Webhooks">By name: what its receiver has not taken; those that have been told everything are not in it, those that are not configured any more are.</param>
internal sealed record LedgerFigures(
    IReadOnlyDictionary<ReferralState, long> Open, (long Count, DateTimeOffset? Oldest) Outbox, IReadOnlyList<WebhookBacklog> Webhooks);

/// <summary>Reads <see cref="LedgerFigures"/>, in one transaction that only reads.</summary>
internal sealed class LedgerFigureBook(LedgerDatabase database)
{
    private const string Open = """
        SELECT state, count(*) FROM referral WHERE state IN ('received', 'gathering', 'packaged', 'delivering', 'held') GROUP BY state
        """;

    private const string Outbox = "SELECT count(*), min(queued_at) FROM outbox";

    public Task<LedgerFigures> ReadAsync(CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var open = await session.ReadRowsAsync(Open, new Values(), row => (State: row.State(0), Count: row.GetInt64(1)), cancellationToken);
            var outbox = await session.ReadRowsAsync(Outbox, new Values(), row => (row.GetInt64(0), row.InstantOrNull(1)), cancellationToken);
            return new LedgerFigures(open.ToDictionary(one => one.State, one => one.Count), outbox[0], await WebhookBook.BacklogsAsync(session, cancellationToken));
        },
        cancellationToken);

    /// <summary>How far the database's clock is ahead of ours, half the time of asking more or less; null where it has none but ours (SQLite).</summary>
    public async Task<TimeSpan?> ClockSkewAsync(CancellationToken cancellationToken)
    {
        if (database.Sql is not Dialect.PostgreSql) return null;
        var before = database.Clock.GetUtcNow();
        var theirs = await database.ReadAsync(
            session => session.ScalarAsync("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", new Values(), cancellationToken), cancellationToken);
        var after = database.Clock.GetUtcNow();
        return Instants.FromMicroseconds(theirs!.Value) - (before + ((after - before) / 2));
    }
}
