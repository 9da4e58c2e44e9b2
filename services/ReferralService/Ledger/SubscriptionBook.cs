using System.Data.Common;

namespace ReferralService.Ledger;

/// <summary>What is known of the subscriptions kept at EHRs. One replica at a time keeps one: the claim has a lease and a fence, and whoever lost it writes nothing.</summary>
internal sealed class SubscriptionBook(LedgerDatabase database, NoticeBook notices, WorkSignals work)
{
    /// <summary>Hooks that overtook each other close a gap by themselves within this time.</summary>
    public static readonly TimeSpan GapPatience = TimeSpan.FromSeconds(30);

    private readonly SubscriptionStatements _sql = new(database.Sql);

    /// <summary>Makes sure the EHR's row exists and is looked at now: settings may have changed since the last start.</summary>
    public Task OpenAsync(string ehr, string kind, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(
            session => session.ExecuteAsync(SubscriptionStatements.Open,
                new Values().Add("ehr", ehr).Add("kind", kind).Add("none", KeptSubscription.NoStatus).Add("now", database.Clock.GetUtcNow()), cancellationToken),
            cancellationToken);

    /// <summary>Leases the EHR's subscription when it is to be looked at: by its time, or because numbers have been missing for <paramref name="patience"/>.</summary>
    public async Task<KeptSubscription?> ClaimAsync(string ehr, TimeSpan lease, TimeSpan patience, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        var values = new Values().Add("ehr", ehr).Add("now", now).Add("lease", lease).Add("gap_before", now - patience).Add("replica", database.Replica);
        var claimed = await database.WriteSinglyAsync(session => session.ReadRowsAsync(_sql.Claim, values, Row, cancellationToken), cancellationToken);
        return claimed.SingleOrDefault();
    }

    /// <summary>Written before the EHR is asked to make one: its events count from 1.</summary>
    /// <param name="resourceId">Where we choose it; null where the EHR does.</param>
    /// <returns>False when the lease was lost: then nothing may be made.</returns>
    public async Task<bool> BeginAsync(KeptSubscription claimed, string? resourceId, CancellationToken cancellationToken)
        => await database.WriteSinglyAsync(
            session => session.ExecuteAsync(SubscriptionStatements.Begin,
                Key(claimed, new Values().Add("resource_id", resourceId).Add("now", database.Clock.GetUtcNow())), cancellationToken),
            cancellationToken) == 1;

    /// <summary>Writes down what a check found, gives the lease back, and makes a sweep due when hooks may have been lost. Nothing when the lease was lost.</summary>
    public async Task KeepAsync(KeptSubscription claimed, SubscriptionCheck check, CancellationToken cancellationToken)
    {
        var values = Key(claimed, new Values(12).Add("resource_id", check.ResourceId).Add("status", check.Status).Add("code", check.Code).Add("tries", (int?)check.Tries)
            .Add("due_at", check.DueAt).Add("begun_at", check.BegunAt).Add("now", database.Clock.GetUtcNow()));
        await database.WriteAsync(
            async session =>
            {
                if (await session.ExecuteAsync(SubscriptionStatements.Keep, values, cancellationToken) == 1 && check.AskSweep)
                    await session.ExecuteAsync(NoticeStatements.AskSweep, new Values().Add("ehr", claimed.Ehr), cancellationToken);
                return true;
            },
            cancellationToken);
        work.Sweeps.Set();
        work.Subscriptions.Set();
    }

    /// <summary>While it is looked at: the EHR may be slow.</summary>
    /// <returns>False when the lease was lost.</returns>
    public async Task<bool> RenewAsync(KeptSubscription claimed, TimeSpan lease, CancellationToken cancellationToken)
        => await database.WriteSinglyAsync(session => session.ExecuteAsync(_sql.Renew, Key(claimed, new Values().Add("lease", lease)), cancellationToken), cancellationToken) == 1;

    /// <summary>Gives the lease back without a finding.</summary>
    /// <param name="failed">It was tried, and counts.</param>
    public Task PutOffAsync(KeptSubscription claimed, DateTimeOffset dueAt, bool failed, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(
            session => session.ExecuteAsync(SubscriptionStatements.PutOff, Key(claimed, new Values().Add("due_at", dueAt).Add("tried", (int?)(failed ? 1 : 0))), cancellationToken), cancellationToken);

    /// <summary>The missing numbers up to <paramref name="until"/> were asked for: what they named is noticed, what could not be told is left to a sweep.</summary>
    public async Task FillAsync(KeptSubscription claimed, long until, IReadOnlyList<NoticeHint> hints, bool askSweep, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async session =>
            {
                await notices.WriteAsync(session, hints, cancellationToken);
                await session.ExecuteAsync(SubscriptionStatements.Fill,
                    Key(claimed, new Values().Add("until", (long?)until).Add("now", database.Clock.GetUtcNow())), cancellationToken);
                if (askSweep) await session.ExecuteAsync(NoticeStatements.AskSweep, new Values().Add("ehr", claimed.Ehr), cancellationToken);
                return true;
            },
            cancellationToken);
        work.Notices.Set();
        work.Sweeps.Set();
        work.Subscriptions.Set();
    }

    public async Task<KeptSubscription?> FindAsync(string ehr, CancellationToken cancellationToken)
        => (await database.ReadAsync(session => session.ReadRowsAsync(SubscriptionStatements.Of, new Values().Add("ehr", ehr), Row, cancellationToken), cancellationToken)).SingleOrDefault();

    public async Task<IReadOnlyList<KeptSubscription>> AllAsync(CancellationToken cancellationToken)
        => await database.ReadAsync(session => session.ReadRowsAsync(SubscriptionStatements.All, new Values(), Row, cancellationToken), cancellationToken);

    internal static KeptSubscription Row(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.TextOrNull(2), row.GetString(3), row.TextOrNull(4),
        new SubscriptionCount(Number(row, 5), Number(row, 6), row.InstantOrNull(7), row.InstantOrNull(8), row.InstantOrNull(14)),
        row.InstantOrNull(9), row.InstantOrNull(10), row.InstantOrNull(11), row.GetInt32(12), row.GetInt64(13));

    private static long? Number(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static Values Key(KeptSubscription claimed, Values values) => values.Add("ehr", claimed.Ehr).Add("fence", (long?)claimed.Fence);
}
