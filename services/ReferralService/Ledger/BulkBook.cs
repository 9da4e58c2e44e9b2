using System.Collections.Immutable;
using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>Acts on many referrals: frozen lists, who works on them, and what became of each. One replica at a time works on one act; its lease and fence let another go on where it died.</summary>
internal sealed class BulkBook(LedgerDatabase database)
{
    private const int Slice = 1000;

    private readonly BulkStatements _sql = new(database.Sql);

    /// <summary>Keeps the list as it is now. Nothing is done to anybody.</summary>
    /// <param name="referrals">At most <see cref="BulkAction.MostItems"/>.</param>
    public Task FreezeAsync(BulkAction action, IReadOnlyList<ReferralId> referrals, CancellationToken cancellationToken)
        => database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(BulkStatements.Insert, new Values().Add("id", (Guid?)action.Id).Add("action", action.Action).Add("recipient", action.Recipient)
                    .Add("actor", action.Actor).Add("role", action.Role).Add("at", action.At).Add("matched", (int?)action.Matched), cancellationToken);
                foreach (var slice in referrals.Index().Chunk(Slice))
                {
                    await session.ExecuteEachAsync(BulkStatements.InsertItem,
                        [.. slice.Select(item => new Values().Add("bulk", (Guid?)action.Id).Add("position", (int?)item.Index).Add("referral", item.Item))], cancellationToken);
                }

                return true;
            },
            cancellationToken);

    public async Task<BulkAction?> FindAsync(Guid id, CancellationToken cancellationToken)
        => (await database.ReadAsync(session => session.ReadRowsAsync(BulkStatements.Find, new Values().Add("id", (Guid?)id), Row, cancellationToken), cancellationToken)).SingleOrDefault();

    /// <summary>Lets it begin, once: a second call finds it begun.</summary>
    /// <param name="byHand">Recorded in the same transaction when it is what begins it.</param>
    /// <returns>Whether this call began it.</returns>
    public Task<bool> StartAsync(Guid id, OperatorAction byHand, CancellationToken cancellationToken)
    {
        var values = new Values().Add("id", (Guid?)id).Add("actor", byHand.Actor).Add("role", byHand.Role).Add("now", database.Clock.GetUtcNow());
        return ChangeAsync(BulkStatements.Start, values, byHand, cancellationToken);
    }

    /// <summary>Calls off what has not had its turn.</summary>
    /// <returns>Whether there was anything to call off.</returns>
    public Task<bool> StopAsync(Guid id, OperatorAction byHand, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        return ChangeAsync(BulkStatements.Stop, new Values().Add("id", (Guid?)id).Add("now", now), byHand, cancellationToken,
            session => session.ExecuteAsync(BulkStatements.LeaveRest, new Values().Add("id", (Guid?)id).Add("outcome", BulkItem.NotBegun).Add("now", now), cancellationToken));
    }

    /// <summary>Leases the oldest act that is to be worked on and that nobody works on; null: none.</summary>
    public async Task<BulkAction?> ClaimAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        // Mostly there is none: then nothing is written.
        if (await database.ReadAsync(session => session.ScalarAsync(BulkStatements.AnyRunning, new Values(), cancellationToken), cancellationToken) is null)
        {
            return null;
        }

        return (await database.WriteSinglyAsync(
            session => session.ReadRowsAsync(_sql.Claim, new Values().Add("lease", lease).Add("replica", database.Replica), Row, cancellationToken), cancellationToken)).SingleOrDefault();
    }

    /// <returns>False: the lease is lost, or it was called off.</returns>
    public Task<bool> RenewAsync(BulkAction claimed, TimeSpan lease, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(
            async session => await session.ExecuteAsync(
                _sql.Renew, new Values().Add("id", (Guid?)claimed.Id).Add("fence", claimed.Fence).Add("lease", lease), cancellationToken) == 1,
            cancellationToken);

    /// <summary>Ends it when every item has had its turn.</summary>
    public Task FinishAsync(BulkAction claimed, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(
            session => session.ExecuteAsync(
                BulkStatements.Finish, new Values().Add("id", (Guid?)claimed.Id).Add("fence", claimed.Fence).Add("now", database.Clock.GetUtcNow()), cancellationToken),
            cancellationToken);

    public async Task<ImmutableArray<BulkItem>> OpenItemsAsync(Guid id, int most, CancellationToken cancellationToken)
        => [.. await database.ReadAsync(
            session => session.ReadRowsAsync(BulkStatements.OpenItems, new Values().Add("bulk", (Guid?)id).Add("most", (int?)most), Item, cancellationToken), cancellationToken)];

    /// <param name="after">Position of the last one seen; -1 for the first page.</param>
    public async Task<ImmutableArray<BulkItem>> ItemsAsync(Guid id, int after, int most, CancellationToken cancellationToken)
        => [.. await database.ReadAsync(
            session => session.ReadRowsAsync(BulkStatements.Items, new Values().Add("bulk", (Guid?)id).Add("after", (int?)after).Add("most", (int?)most), Item, cancellationToken),
            cancellationToken)];

    /// <summary>How many items came to which outcome; empty: not yet.</summary>
    public async Task<IReadOnlyDictionary<string, int>> TallyAsync(Guid id, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync(BulkStatements.Tally, new Values().Add("bulk", (Guid?)id), row => (Outcome: row.GetString(0), Count: (int)row.GetInt64(1)), cancellationToken), cancellationToken);
        return rows.ToDictionary(row => row.Outcome, row => row.Count, StringComparer.Ordinal);
    }

    /// <summary>Forgets acts asked for before <paramref name="before"/>, one by one; what they did stays in the record of what was done by hand.</summary>
    public async Task<int> PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var purged = 0;
        while (await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(BulkStatements.PurgeItems, new Values().Add("before", before), cancellationToken);
                return await session.ExecuteAsync(BulkStatements.Purge, new Values().Add("before", before), cancellationToken);
            },
            cancellationToken) > 0)
        {
            purged++;
        }

        return purged;
    }

    private Task<bool> ChangeAsync(
        string statement, Values values, OperatorAction byHand, CancellationToken cancellationToken, Func<LedgerSession, Task>? alongside = null)
    {
        // Outlives a run: when a commit's answer was lost, the next run finds the change made, and it was this call's.
        var tried = false;
        return database.WriteAsync(
            async session =>
            {
                var changed = await session.ExecuteAsync(statement, values, cancellationToken) == 1;
                if (changed)
                {
                    await (alongside?.Invoke(session) ?? Task.CompletedTask);
                    await OperatorActions.AppendAsync(session, byHand, cancellationToken);
                }

                return tried |= changed;
            },
            cancellationToken);
    }

    private static BulkAction Row(DbDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Action = row.GetString(1),
        Recipient = row.TextOrNull(2),
        Actor = row.GetString(3),
        Role = row.GetString(4),
        State = Enum.Parse<BulkState>(row.GetString(5), ignoreCase: true),
        At = row.Instant(6),
        Matched = row.GetInt32(7),
        BegunAt = row.InstantOrNull(8),
        EndedAt = row.InstantOrNull(9),
        Fence = row.GetInt64(10),
    };

    private static BulkItem Item(DbDataReader row) => new(row.GetInt32(0), row.ReferralId(1), row.TextOrNull(2), row.InstantOrNull(3));
}
