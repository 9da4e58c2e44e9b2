using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>Whose turn it is in an act on many, and of which claim.</summary>
internal readonly record struct BulkTurn(Guid Bulk, int Position, long Fence);

internal sealed partial class ReferralBook
{
    /// <summary>All referrals of the orders of some items, for a look at what an act on them would come to.</summary>
    /// <param name="after">Position behind which the items begin; -1 for the first.</param>
    public async Task<ImmutableArray<Referral>> OfBulkAsync(Guid bulk, int after, int most, CancellationToken cancellationToken)
        => [.. await database.ReadAsync(
            session => session.ReadRowsAsync(
                ReferralStatements.OfBulk, new Values().Add("bulk", (Guid?)bulk).Add("after", (int?)after).Add("until", (int?)(after + most)), ReferralRow.Read, cancellationToken),
            cancellationToken)];

    /// <summary>What an act on many with these filters means: the oldest of what the list shows.</summary>
    public async Task<IReadOnlyList<ReferralId>> OldestAsync(ReferralQuery query, int most, CancellationToken cancellationToken)
        => await database.ReadAsync(
            session => session.ReadRowsAsync(ReferralStatements.OldestIds(query, database.Sql), Filtering(query).Add("most", (int?)most), row => row.ReferralId(0), cancellationToken), cancellationToken);

    /// <summary>How many the list shows with these filters, all its pages together.</summary>
    public async Task<int> CountAsync(ReferralQuery query, CancellationToken cancellationToken)
        => (await database.ReadAsync(
            session => session.ReadRowsAsync(ReferralStatements.Count(query, database.Sql), Filtering(query), row => (int)row.GetInt64(0), cancellationToken), cancellationToken))[0];

    /// <summary>As a decision by hand, for one item of an act on many: what it does, its outcome in the list and its record are one transaction, so it happens once however often it is tried.</summary>
    /// <returns>False: it has had its turn, the act was called off, or another replica has it now.</returns>
    public async Task<bool> DecideItemAsync(
        BulkTurn turn, DecisionScope scope, Func<ImmutableArray<Referral>, Decision<OperatorAction>> decide, CancellationToken cancellationToken)
    {
        var done = await database.WriteAsync(
            async session =>
            {
                if (!await TakeAsync(session, turn, cancellationToken))
                {
                    return false;
                }

                var rows = await LockAndReadAsync(session, scope, cancellationToken);
                var act = await WriteAsync(session, rows, decide(rows), cancellationToken);
                await SettleAsync(session, turn, act, cancellationToken);
                return true;
            },
            cancellationToken);
        work.Steps.Set();
        work.Events.Set();
        return done;
    }

    /// <summary>Ends the turn of an item that could not be decided, perhaps because its row cannot be read: no referral is looked at here.</summary>
    /// <returns>As of a decision.</returns>
    public Task<bool> LeaveItemAsync(BulkTurn turn, OperatorAction act, CancellationToken cancellationToken)
        => database.WriteAsync(
            async session =>
            {
                if (!await TakeAsync(session, turn, cancellationToken))
                {
                    return false;
                }

                await SettleAsync(session, turn, act, cancellationToken);
                return true;
            },
            cancellationToken);

    private async Task<bool> TakeAsync(LedgerSession session, BulkTurn turn, CancellationToken cancellationToken)
    {
        var taken = new Values().Add("bulk", (Guid?)turn.Bulk).Add("position", (int?)turn.Position).Add("fence", turn.Fence).Add("now", database.Clock.GetUtcNow());
        return await session.ExecuteAsync(BulkStatements.TakeItem, taken, cancellationToken) == 1;
    }

    private static async Task SettleAsync(LedgerSession session, BulkTurn turn, OperatorAction act, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(
            BulkStatements.SettleItem, new Values().Add("bulk", (Guid?)turn.Bulk).Add("position", (int?)turn.Position).Add("outcome", act.Outcome), cancellationToken);
        await OperatorActions.AppendAsync(session, act, cancellationToken);
    }
}
