namespace ReferralService.Ledger;

/// <content>Whom rows wait for, and since when.</content>
internal sealed partial class ReferralStatements
{
    /// <summary>
    /// The lane of the partner that a row of <c>q</c> waits for. That is its own, whose places it takes, but for one still to be gathered whose recipient
    /// is paused or could not be asked: the recipient comes before the record (docs/adr/0005), and the EHR has nothing to do with that.
    /// </summary>
    private static string AwaitedLane(string row) => $"""
        CASE WHEN {row}state IN ('received', 'gathering') AND (substr({row}set_aside_for, 1, 10) = 'recipient:' OR {row}error_code IN {ProblemBook.RecipientAway})
            THEN 'd:' || coalesce({row}recipient, {row}recipient_asked, '') ELSE {row}lane END
        """;

    /// <summary>What the build before this one wrote: word for word as in the script of the index that has these rows alone.</summary>
    private static string AwaitedUnknown(string row) => $"{row}due_at IS NOT NULL AND ({row}awaited_for IS NULL OR {row}awaited_for <> {AwaitedLane(row)})";

    /// <summary>
    /// Of each partner, since when its oldest row has waited for it without a break (<see cref="Awaiting"/>): the first of each in the index of those. For rows
    /// that the build before this one wrote: since the first line of the row on its side after the last one elsewhere, or else since its last line.
    /// </summary>
    public static readonly string OldestWaiting = $"""
        WITH RECURSIVE partners (name) AS (
            SELECT min(awaited_for) FROM referral WHERE due_at IS NOT NULL
            UNION ALL
            SELECT (SELECT min(n.awaited_for) FROM referral n WHERE n.due_at IS NOT NULL AND n.awaited_for > partners.name) FROM partners WHERE partners.name IS NOT NULL),
        oldest (name, since) AS (
            SELECT name, (SELECT q.awaited_since FROM referral q
                WHERE q.due_at IS NOT NULL AND q.awaited_for = partners.name AND q.awaited_for = {AwaitedLane("q.")} ORDER BY q.awaited_since LIMIT 1)
            FROM partners WHERE name IS NOT NULL
            UNION ALL
            SELECT {AwaitedLane("u.")}, coalesce(
                (SELECT min(t.at) FROM timeline t WHERE t.referral = u.number AND {Side("t")} = substr({AwaitedLane("u.")}, 1, 1)
                    AND t.revision >= coalesce((SELECT max(x.revision) FROM timeline x WHERE x.referral = u.number AND {Side("x")} <> substr({AwaitedLane("u.")}, 1, 1)), 0)),
                (SELECT max(l.at) FROM timeline l WHERE l.referral = u.number),
                u.created_at)
            FROM referral u WHERE {AwaitedUnknown("u.")})
        SELECT name, min(since) FROM oldest WHERE since IS NOT NULL GROUP BY name
        """;

    /// <summary>By the index of what is due; as many rows are read as are open.</summary>
    public static readonly string Waiting = $"SELECT {AwaitedLane("q.")}, count(*) FROM referral q WHERE q.due_at IS NOT NULL GROUP BY 1";

    /// <summary>On which partner's side a line stands.</summary>
    private static string Side(string row) => $"""
        CASE WHEN {row}.state IN ('packaged', 'delivering') OR ({row}.state IN ('received', 'gathering') AND {row}.error_code IN {ProblemBook.RecipientAway}) THEN 'd'
            WHEN {row}.state IN ('received', 'gathering') THEN 'g' ELSE '' END
        """;
}
