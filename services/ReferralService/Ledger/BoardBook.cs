using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>How many referrals stand how.</summary>
/// <param name="Standing">Of those under way: working, unknown, put-off or going; else empty.</param>
/// <param name="Oldest">Number of the first of them.</param>
/// <param name="Next">When the first of them is due; null of those at rest.</param>
internal sealed record StandingCount(ReferralState State, string Standing, long Count, long Oldest, DateTimeOffset? Next);

/// <summary>What waits in a partner's lane. Partner as in the table of pauses: <c>ehr:{name}</c>, <c>recipient:{name}</c>; an empty name where the recipient is not found yet.</summary>
internal sealed record LaneCount(string Partner, long Waiting);

/// <summary>What came in one hour, and how it stands now.</summary>
internal sealed record HourCount(DateTimeOffset Hour, ReferralState State, long Count);

/// <summary>What is in trouble for one reason, as <see cref="ProblemBook"/> counts trouble.</summary>
/// <param name="State">Held or failed; null: still tried, or of unknown outcome.</param>
internal sealed record TroubleCount(ReferralState? State, string Code, long Count);

/// <summary>Counts for the board. Each by an index or over open rows alone: none looks at every referral's row, none at the timeline.</summary>
internal sealed class BoardBook(LedgerDatabase database)
{
    private const string Open = "('received', 'gathering', 'packaged', 'delivering')";

    private const string Standings = $"""
        SELECT state, standing, count(*), min(number), min(due_at) FROM (
            SELECT state, number, due_at, CASE WHEN working THEN 'working' WHEN outcome_unknown THEN 'unknown' WHEN error_code IS NOT NULL THEN 'put-off' ELSE 'going' END AS standing
            FROM referral WHERE state IN {Open}) open
        GROUP BY state, standing
        """;

    /// <summary>Within the index of states, entry by entry.</summary>
    private const string AtRest = "SELECT state, count(*), min(number) FROM referral WHERE state IN ('held', 'failed', 'delivered', 'cancelled') GROUP BY state";

    private static readonly string Lanes = ReferralStatements.Waiting;

    /// <summary>Within the partial index of problems.</summary>
    private const string Troubles = $"""
        SELECT standing, error_code, count(*) FROM (SELECT CASE WHEN state IN ('held', 'failed') THEN state END AS standing, error_code FROM referral WHERE {ProblemBook.IsProblem}) troubles
        GROUP BY standing, error_code ORDER BY count(*) DESC, error_code, standing LIMIT 8
        """;

    private const string Hours = """
        SELECT (created_at - @since) / 3600000000, state, count(*) FROM referral WHERE number >= @first AND created_at >= @since GROUP BY 1, 2
        """;

    /// <summary>Changes whenever an open referral moves, one comes, goes to rest, or is taken up again; an act on many begins, gets on or ends; a partner is paused or resumed.</summary>
    private const string Mark = """
        SELECT (SELECT coalesce(max(number), 0) FROM referral), count(*), coalesce(sum(revision), 0), (SELECT count(*) FROM referral WHERE state = 'held'),
            (SELECT count(ended_at) FROM bulk_action), (SELECT coalesce(sum(fence), 0) FROM bulk_action WHERE state = 'running'),
            (SELECT count(*) FROM bulk_item i WHERE i.outcome IS NULL AND i.bulk IN (SELECT b.id FROM bulk_action b WHERE b.state = 'running')),
            (SELECT count(*) FROM partner_pause), (SELECT coalesce(max(at), 0) FROM partner_pause)
        FROM referral WHERE due_at IS NOT NULL
        """;

    public async Task<ImmutableArray<StandingCount>> StandingsAsync(CancellationToken cancellationToken) =>
    [
        .. await RowsAsync(Standings, new Values(), row => new StandingCount(row.State(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.InstantOrNull(4)), cancellationToken),
        .. await RowsAsync(AtRest, new Values(), row => new StandingCount(row.State(0), "", row.GetInt64(1), row.GetInt64(2), null), cancellationToken),
    ];

    public Task<List<LaneCount>> LanesAsync(CancellationToken cancellationToken) => RowsAsync(Lanes, new Values(), row => new LaneCount(Partner(row.GetString(0)), row.GetInt64(1)), cancellationToken);

    /// <summary>The commonest first.</summary>
    public Task<List<TroubleCount>> TroublesAsync(CancellationToken cancellationToken)
        => RowsAsync(Troubles, new Values(), row => new TroubleCount(row.IsDBNull(0) ? null : row.State(0), row.TextOrNull(1) ?? "", row.GetInt64(2)), cancellationToken);

    /// <summary>What came since an instant, by hours from it. Rows are numbered in the order they came, so the first one is found by halving, without an index of instants.</summary>
    public async Task<List<HourCount>> HoursAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var first = await FirstSinceAsync(since, cancellationToken);
        return await RowsAsync(Hours, new Values().Add("since", since).Add("first", (long?)first), row => new HourCount(since.AddHours(row.GetInt64(0)), row.State(1), row.GetInt64(2)), cancellationToken);
    }

    /// <summary>Equal marks: nothing that the board, a list or an act on many shows has moved, but for what is written of referrals that had ended.</summary>
    public async Task<string> MarkAsync(CancellationToken cancellationToken)
        => (await RowsAsync(Mark, new Values(), row => string.Join('.', Enumerable.Range(0, row.FieldCount).Select(row.GetValue)), cancellationToken))[0];

    /// <summary>Replicas number rows as they commit and date them by their own clocks; what was dated within a minute of the instant may lie on the other side of it, so it begins a little earlier.</summary>
    private async Task<long> FirstSinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var wanted = Instants.ToMicroseconds(since - TimeSpan.FromMinutes(1));
        var ends = await RowsAsync("SELECT coalesce(min(number), 0), coalesce(max(number), 0) FROM referral", new Values(), row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
        var (low, high) = (ends[0].Item1, ends[0].Item2 + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var found = await RowsAsync(
                "SELECT number, created_at FROM referral WHERE number >= @middle ORDER BY number LIMIT 1", new Values().Add("middle", (long?)middle), row => (Number: row.GetInt64(0), At: row.GetInt64(1)), cancellationToken);
            if (found is [var (_, at)] && at < wanted)
            {
                low = found[0].Number + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static string Partner(string lane) => (lane.StartsWith("g:", StringComparison.Ordinal) ? "ehr:" : "recipient:") + lane[2..];

    private Task<List<T>> RowsAsync<T>(string sql, Values values, Func<System.Data.Common.DbDataReader, T> read, CancellationToken cancellationToken)
        => database.ReadAsync(session => session.ReadRowsAsync(sql, values, read, cancellationToken), cancellationToken);
}
