namespace ReferralService.Ledger;

/// <summary>An event to be published, with what its body needs.</summary>
internal sealed record OutboxEvent(ReferralId Referral, string Ehr, string OrderId, TimelineEntry Entry, string? TraceParent);

/// <summary>Events not yet confirmed by the broker. Empty for ever with the in-memory bus: the timeline holds the events.</summary>
internal sealed class StatusOutbox(LedgerDatabase database)
{
    private readonly OutboxStatements _sql = new(database.Sql);

    /// <summary>Leases up to <paramref name="most"/> referrals that have unsent events and gives the lowest unsent event of each, longest waiting first.</summary>
    public Task<IReadOnlyList<OutboxEvent>> ClaimAsync(int most, TimeSpan lease, CancellationToken cancellationToken)
        => database.Holds is { } holds
            ? holds.TakeAsync(most, lease, (enough, isHeld) => database.ReadAsync(session => HeadsAsync(session, enough, isHeld, cancellationToken), cancellationToken), cancellationToken)
            : database.WriteAsync<IReadOnlyList<OutboxEvent>>(
                async session =>
                {
                    var heads = await HeadsAsync(session, most, isHeld: null, cancellationToken);
                    await session.ExecuteEachAsync(_sql.Lease, [.. heads.Select(head => Key(head).Add("span", lease).Add("replica", database.Replica))], cancellationToken);
                    return heads;
                },
                cancellationToken);

    /// <summary>Forgets confirmed events and frees their referrals for the next event of each; one transaction. One that comes again after a loss of power is known by its id.</summary>
    public async Task ConfirmAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken)
    {
        await EachAsync(OutboxStatements.Confirm, [.. events.Select(Key)], cancellationToken);
        await (database.Holds?.FreeAsync(events, TimeSpan.Zero) ?? Task.CompletedTask);
    }

    /// <summary>Frees referrals whose publish failed or is unknown; they are claimed again at once or after <paramref name="delay"/>.</summary>
    public Task ReleaseAsync(IReadOnlyList<OutboxEvent> events, TimeSpan delay, CancellationToken cancellationToken)
        => database.Holds is { } holds
            ? holds.FreeAsync(events, delay)
            : EachAsync(_sql.Lease, [.. events.Select(e => Key(e).Add("span", delay).Add("replica", database.Replica))], cancellationToken);

    /// <summary>How many wait, and since when the oldest does.</summary>
    public async Task<(long Count, DateTimeOffset? Oldest)> BacklogAsync(CancellationToken cancellationToken)
        => (await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT count(*), min(queued_at) FROM outbox", new Values(), row => (row.GetInt64(0), row.InstantOrNull(1)), cancellationToken),
            cancellationToken))[0];

    /// <param name="isHeld">Of whom no event is wanted, which need not be read whole then.</param>
    private async Task<List<OutboxEvent>> HeadsAsync(LedgerSession session, int most, Func<ReferralId, bool>? isHeld, CancellationToken cancellationToken)
    {
        var heads = await session.ReadRowsAsync(
            _sql.Heads, new Values().Add("most", (int?)most),
            row => row.ReferralId(0) is var id && isHeld?.Invoke(id) is true ? null : new OutboxEvent(id, row.GetString(1), row.GetString(2), ReferralBook.Line(row, 4), row.TextOrNull(3)),
            cancellationToken);
        return [.. heads.OfType<OutboxEvent>()];
    }

    private static Values Key(OutboxEvent published) => new Values().Add("id", published.Referral).Add("sequence", published.Entry.Sequence);

    // PostgreSQL runs the set as one batch, which is one transaction by itself. On SQLite undone by a loss of power, events are sent again under the same ids.
    private Task EachAsync(string sql, IReadOnlyList<Values> each, CancellationToken cancellationToken)
        => each.Count == 0
            ? Task.CompletedTask
            : database.WriteAheadAsync(
                async session =>
                {
                    await session.ExecuteEachAsync(sql, each, cancellationToken);
                    return true;
                },
                cancellationToken);
}
