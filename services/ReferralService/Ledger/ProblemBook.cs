using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>What somebody should look at: held and failed referrals, those put off three times or more, and those whose last attempt may have landed; by partner, code and first issue.</summary>
/// <remarks>The partial index <c>referral_problem</c> has these rows alone, so that many others cost nothing; the timeline is looked into only where a recipient's answer may have issues.</remarks>
internal sealed class ProblemBook(LedgerDatabase database)
{
    /// <summary>As in the script of the index, word for word: else neither database uses it.</summary>
    /// <remarks>A recipient that cannot even be asked makes no attempt and no try at the record; how often it was put off then follows from the events: one for received, two for each package.</remarks>
    internal const string IsProblem = $"""
        (state IN ('held', 'failed') OR (due_at IS NOT NULL AND error_code IS NOT NULL AND (attempt >= 3 OR gather_tries >= 3 OR error_code = 'outcome-unknown'
            OR (error_code IN {RecipientAway} AND sequence >= 4 + 2 * package_version))))
        """;

    /// <summary>Codes of a recipient that could not be asked, whether before the gathering or before an attempt.</summary>
    internal const string RecipientAway = "('recipient-unreachable', 'recipient-throttled', 'recipient-busy')";

    private const string Partner = """
        CASE WHEN coalesce(recipient, recipient_asked) IS NOT NULL AND (package_id IS NOT NULL OR error_code LIKE 'recipient-%')
            THEN 'recipient:' || coalesce(recipient, recipient_asked) ELSE 'ehr:' || ehr END
        """;

    private const string Row = "number, id, ehr, order_id, coalesce(recipient, recipient_asked) AS recipient, state, error_message, attempt, due_at, updated_at";

    /// <summary>Of the last line that tells of this code: its first issue, or in an older build's line all of their codes.</summary>
    private readonly string _issue = $"""
        CASE WHEN error_code IN ('refused', 'recipient-incapable', 'too-large', 'auth-refused', 'endpoint-wrong', 'partly-stored', 'delivery-unknown') THEN coalesce((
            SELECT coalesce({database.Sql.Member("t.detail", "issue")}, {database.Sql.Member("t.detail", "issues")}) FROM timeline t
            WHERE t.referral = referral.number AND t.error_code = referral.error_code AND t.sequence IS NOT NULL ORDER BY t.revision DESC, t.position DESC LIMIT 1), '') ELSE '' END
        """;

    /// <summary>The largest groups first.</summary>
    public async Task<ImmutableArray<ProblemGroup>> GroupsAsync(int most, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT partner, error_code, issue, count(*), min(updated_at), max(updated_at)
            FROM (SELECT {Partner} AS partner, error_code, {_issue} AS issue, updated_at FROM referral WHERE {IsProblem}) problems
            GROUP BY partner, error_code, issue ORDER BY count(*) DESC, min(updated_at), partner, error_code, issue LIMIT @most
            """;
        return [.. await database.ReadAsync(
            session => session.ReadRowsAsync(sql, new Values().Add("most", (int?)most),
                row => new ProblemGroup(new(row.GetString(0), row.TextOrNull(1) ?? "", row.GetString(2)), (int)row.GetInt64(3), row.Instant(4), row.Instant(5)), cancellationToken),
            cancellationToken)];
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only rows numbered below this.</param>
    public async Task<ImmutableArray<ProblemRow>> MembersAsync(ProblemKey key, long? before, int most, CancellationToken cancellationToken)
    {
        var sql = $"SELECT {Row} FROM referral WHERE {Members(key)} {(before is null ? "" : "AND number < @before")} ORDER BY number DESC LIMIT @most";
        var values = Named(key).Add("most", (int?)most);
        return [.. await database.ReadAsync(
            session => session.ReadRowsAsync(sql, before is null ? values : values.Add("before", before), row => new ProblemRow(
                row.GetInt64(0), row.ReferralId(1), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.State(5), row.TextOrNull(6), row.GetInt32(7), row.InstantOrNull(8), row.Instant(9)),
                cancellationToken),
            cancellationToken)];
    }

    /// <summary>The oldest first, for an act on all of them.</summary>
    public async Task<ImmutableArray<ReferralId>> IdsAsync(ProblemKey key, int most, CancellationToken cancellationToken)
        => [.. await database.ReadAsync(
            session => session.ReadRowsAsync($"SELECT id FROM referral WHERE {Members(key)} ORDER BY number LIMIT @most", Named(key).Add("most", (int?)most), row => row.ReferralId(0), cancellationToken),
            cancellationToken)];

    public async Task<int> CountAsync(ProblemKey key, CancellationToken cancellationToken)
        => (int)(await database.ReadAsync(session => session.ScalarAsync($"SELECT count(*) FROM referral WHERE {Members(key)}", Named(key), cancellationToken), cancellationToken) ?? 0);

    /// <summary>Where a referral stands among those that have the same; also when it is no longer one of them.</summary>
    /// <param name="number">Its row number.</param>
    public async Task<ProblemPlace> PlaceAsync(ProblemKey key, long number, CancellationToken cancellationToken)
    {
        var members = Members(key);
        var sql = $"""
            SELECT (SELECT id FROM referral WHERE {members} AND number > @number ORDER BY number LIMIT 1),
                (SELECT id FROM referral WHERE {members} AND number < @number ORDER BY number DESC LIMIT 1),
                (SELECT count(*) FROM referral WHERE {members} AND number > @number), (SELECT count(*) FROM referral WHERE {members})
            """;
        return (await database.ReadAsync(
            session => session.ReadRowsAsync(sql, Named(key).Add("number", number),
                row => new ProblemPlace(Id(row.UuidOrNull(0)), Id(row.UuidOrNull(1)), (int)row.GetInt64(2) + 1, (int)row.GetInt64(3)), cancellationToken),
            cancellationToken)).Single();

        static ReferralId? Id(Guid? id) => id is { } given ? new ReferralId(given) : null;
    }

    private string Members(ProblemKey key) => $"{IsProblem} AND error_code = @code AND {Partner} = @partner AND {(key.Issue.Length == 0 ? $"({_issue}) = ''" : $"({_issue}) = @issue")}";

    private static Values Named(ProblemKey key)
    {
        var values = new Values().Add("code", key.Code).Add("partner", key.Partner);
        return key.Issue.Length == 0 ? values : values.Add("issue", key.Issue);
    }
}
