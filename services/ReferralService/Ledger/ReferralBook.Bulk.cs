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
            session => session.QueryAsync<Referral>(
                ReferralStatements.OfBulk, new Values().Add("bulk", (Guid?)bulk).Add("after", (int?)after).Add("until", (int?)(after + most)), cancellationToken),
            cancellationToken)];

    /// <summary>As a decision by hand, for one item of an act on many: what it does, its outcome in the list and its record are one transaction, so it happens once however often it is tried.</summary>
    /// <returns>False: it has had its turn, the act was called off, or another replica has it now.</returns>
    public async Task<bool> DecideItemAsync(
        BulkTurn turn, DecisionScope scope, Func<ImmutableArray<Referral>, Decision<OperatorAction>> decide, CancellationToken cancellationToken)
    {
        var done = await database.WriteAsync(
            async session =>
            {
                var taken = new Values().Add("bulk", (Guid?)turn.Bulk).Add("position", (int?)turn.Position).Add("fence", turn.Fence).Add("now", database.Clock.GetUtcNow());
                if (await session.ExecuteAsync(BulkStatements.TakeItem, taken, cancellationToken) != 1)
                {
                    return false;
                }

                var rows = await LockAndReadAsync(session, scope, cancellationToken);
                var act = await WriteAsync(session, rows, decide(rows), cancellationToken);
                await session.ExecuteAsync(
                    BulkStatements.SettleItem, new Values().Add("bulk", (Guid?)turn.Bulk).Add("position", (int?)turn.Position).Add("outcome", act.Outcome), cancellationToken);
                await OperatorActions.AppendAsync(session, act, cancellationToken);
                return true;
            },
            cancellationToken);
        signal.Set();
        return done;
    }
}
