using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;

namespace ReferralService.Ledger;

internal sealed partial class ReferralBook
{
    public Task<Referral?> FindAsync(ReferralId id, CancellationToken cancellationToken)
        => database.ReadAsync(session => FindAsync(session, id, cancellationToken), cancellationToken);

    public async Task<ImmutableArray<Referral>> ListAsync(ReferralQuery query, CancellationToken cancellationToken)
    {
        var values = Filtering(query).Add("limit", (int?)Math.Clamp(query.Limit, 1, 200));
        return [.. await database.ReadAsync(session => session.ReadRowsAsync(ReferralStatements.List(query, database.Sql), values, ReferralRow.Read, cancellationToken), cancellationToken)];
    }

    private static Values Filtering(ReferralQuery query)
    {
        var values = new Values();
        _ = query.State is { } state ? values.Add("state", state.Name()) : values;
        _ = query.Ehr is { } ehr ? values.Add("ehr", ehr) : values;
        _ = query.Recipient is { } recipient ? values.Add("recipient", recipient) : values;
        _ = query.ErrorCode is { } code ? values.Add("error_code", code) : values;
        query.Search?.AddTo(values);
        _ = query.UpdatedSince is { } since ? values.Add("updated_since", since) : values;
        _ = query.Before is { } before ? values.Add("before", before) : values;
        return values;
    }

    /// <summary>Events and notes in the order written.</summary>
    public async Task<ImmutableArray<TimelineEntry>> TimelineAsync(ReferralId id, CancellationToken cancellationToken)
        => [.. await database.ReadAsync(
            session => session.ReadRowsAsync(ReferralStatements.Timeline, new Values().Add("id", id), row => Line(row, 0), cancellationToken), cancellationToken)];

    /// <summary>Distinct order ids of an EHR's referrals that are still open (not resting, or held): the sweep reads them again.</summary>
    public async Task<ImmutableArray<string>> OpenOrdersAsync(string ehr, CancellationToken cancellationToken)
        => [.. await database.ReadAsync(
            session => session.ReadRowsAsync(ReferralStatements.OpenOrders, new Values().Add("ehr", ehr), row => row.GetString(0), cancellationToken), cancellationToken)];

    /// <summary>Since when the oldest open referral has waited for each EHR (to be gathered) and each recipient (to be asked what it takes, or delivered), under way, put off and paused ones included; for /api/partners.</summary>
    public async Task<OldestWaiting> OldestWaitingAsync(CancellationToken cancellationToken)
    {
        var lanes = await database.ReadAsync(
            session => session.ReadRowsAsync(ReferralStatements.OldestWaiting, new Values(), row => (Lane: row.GetString(0), Since: row.Instant(1)), cancellationToken), cancellationToken);
        return new(Named("g:"), Named("d:"));

        Dictionary<string, DateTimeOffset> Named(string side)
            => lanes.Where(l => l.Lane.StartsWith(side, StringComparison.Ordinal)).ToDictionary(l => l.Lane[side.Length..], l => l.Since, StringComparer.Ordinal);
    }

    /// <summary>How many open referrals wait on each partner's side: <c>g:{ehr}</c> to be gathered, <c>d:{recipient}</c> to be delivered.</summary>
    public async Task<IReadOnlyDictionary<string, int>> WaitingAsync(CancellationToken cancellationToken)
        => (await database.ReadAsync(
            session => session.ReadRowsAsync(ReferralStatements.Waiting, new Values(), row => (Lane: row.GetString(0), Count: (int)row.GetInt64(1)), cancellationToken), cancellationToken))
            .ToDictionary(row => row.Lane, row => row.Count, StringComparer.Ordinal);

    /// <summary>A timeline line whose columns start at <paramref name="first"/>, in the order of <see cref="ReferralStatements.Timeline"/>.</summary>
    internal static TimelineEntry Line(DbDataReader row, int first) => new(
        row.NumberOrNull(first), row.UuidOrNull(first + 1), row.GetString(first + 2), row.Instant(first + 3), row.State(first + 4), row.TextOrNull(first + 5),
        row.GetInt32(first + 6), row.UuidOrNull(first + 7), row.TextOrNull(first + 8), row.NumberOrNull(first + 9), row.TextOrNull(first + 10), row.InstantOrNull(first + 11),
        row.TextOrNull(first + 12) is { } detail ? JsonSerializer.Deserialize<Dictionary<string, string>>(detail) : null);

    private static async Task<Referral?> FindAsync(LedgerSession session, ReferralId id, CancellationToken cancellationToken)
        => (await session.ReadRowsAsync(ReferralStatements.Find, new Values().Add("id", id), ReferralRow.Read, cancellationToken)).SingleOrDefault();
}
