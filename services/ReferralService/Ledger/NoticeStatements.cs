namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="NoticeBook"/>.</summary>
internal sealed class NoticeStatements(Dialect sql)
{
    /// <summary>
    /// Stores a hint. News is: an order never hinted at, a version other than the last one looked into, or no version told. The same version
    /// told again while it already waits or is worked on is no news: whoever reads the order sees that version or a newer one.
    /// News about a notice that waits makes it due now: the EHR just spoke.
    /// </summary>
    public const string Record = """
        INSERT INTO notice (ehr, order_id, version, source, trace_parent, generation, tries, first_seen_at, due_at)
        VALUES (@ehr, @order_id, @version, @source, @trace_parent, 1, 0, @now, @now)
        ON CONFLICT (ehr, order_id) DO UPDATE SET
            version = excluded.version, source = excluded.source, trace_parent = excluded.trace_parent, generation = notice.generation + 1,
            tries = CASE WHEN notice.due_at IS NULL THEN 0 ELSE notice.tries END,
            first_seen_at = CASE WHEN notice.due_at IS NULL THEN excluded.first_seen_at ELSE notice.first_seen_at END,
            due_at = CASE WHEN notice.due_at < excluded.due_at THEN notice.due_at ELSE excluded.due_at END
        WHERE excluded.version IS NULL
            OR excluded.version <> coalesce(CASE WHEN notice.due_at IS NULL THEN notice.seen_version ELSE notice.version END, '')
        """;

    public const string Close = """
        UPDATE notice SET
            due_at = CASE WHEN generation = @generation THEN NULL ELSE due_at END, lease_until = NULL, defer_code = NULL, tries = 0, first_seen_at = @now,
            closed_at = @now, outcome = @outcome, reason = @reason, seen_version = coalesce(@version, seen_version)
        WHERE ehr = @ehr AND order_id = @order_id AND due_at IS NOT NULL
        """;

    /// <summary>A hint that came meanwhile keeps it due now.</summary>
    public const string Defer = """
        UPDATE notice SET due_at = CASE WHEN generation = @generation THEN @due_at ELSE due_at END, lease_until = NULL, defer_code = @code
        WHERE ehr = @ehr AND order_id = @order_id AND due_at IS NOT NULL
        """;

    public const string OpenCursor = """
        INSERT INTO sweep (ehr, cursor_at, cursor_is_ours, asked, taken, served, running, lease_span, fence) VALUES (@ehr, @cursor, @ours, 0, 0, 0, FALSE, 0, 0)
        ON CONFLICT (ehr) DO UPDATE SET cursor_at = excluded.cursor_at, cursor_is_ours = excluded.cursor_is_ours WHERE sweep.cursor_at IS NULL
        """;

    public const string AskSweep = """
        INSERT INTO sweep (ehr, asked, taken, served, running, lease_span, fence) VALUES (@ehr, 1, 0, 0, FALSE, 0, 0)
        ON CONFLICT (ehr) DO UPDATE SET asked = sweep.asked + 1
        """;

    /// <summary>Only forward: a cursor behind the one stored would read again what is known. Unless that one was an instant of our own clock.</summary>
    public const string CompleteSweep = """
        UPDATE sweep SET cursor_at = CASE WHEN cursor_is_ours OR @cursor > cursor_at THEN @cursor ELSE cursor_at END, cursor_is_ours = FALSE, served = taken, running = FALSE, due_at = NULL, lease_until = NULL
        WHERE ehr = @ehr AND fence = @fence
        """;

    public const string DeferSweep = "UPDATE sweep SET due_at = @due_at, lease_until = NULL WHERE ehr = @ehr AND fence = @fence";

    private static readonly string Lanes = """
        WITH RECURSIVE lanes (ehr) AS (
            SELECT min(ehr) FROM notice WHERE due_at IS NOT NULL
            UNION ALL
            SELECT (SELECT min(n.ehr) FROM notice n WHERE n.due_at IS NOT NULL AND n.ehr > lanes.ehr) FROM lanes WHERE lanes.ehr IS NOT NULL)
        """;

    /// <summary>EHRs that have notices waiting; few, whatever waits in each.</summary>
    public static readonly string WaitingEhrs = $"{Lanes} SELECT ehr FROM lanes WHERE ehr IS NOT NULL";

    /// <summary>The oldest due notices of one EHR.</summary>
    public string Claim { get; } = $"""
        WITH due AS MATERIALIZED (
            SELECT n.order_id AS due_order FROM notice n
            WHERE n.ehr = @ehr AND n.due_at IS NOT NULL AND n.due_at <= @now AND (n.lease_until IS NULL OR n.lease_until <= {sql.Clock})
            ORDER BY n.due_at LIMIT @most {sql.LockFree("n")})
        UPDATE notice SET lease_until = {sql.Clock} + @lease, held_by = @replica, tries = tries + 1
        FROM due WHERE ehr = @ehr AND order_id = due.due_order
        RETURNING ehr, order_id, version, generation, tries, first_seen_at, source, trace_parent, due_at
        """;

    /// <summary>Due: put off until now, or (not put off) asked for, or begun and never ended, or the interval is over.</summary>
    public string ClaimSweep { get; } = $"""
        UPDATE sweep SET fence = fence + 1, lease_until = {sql.Clock} + @lease, lease_span = @lease, held_by = @replica, taken = asked, running = TRUE, began_at = @now, due_at = NULL
        WHERE ehr = @ehr AND cursor_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= {sql.Clock})
            AND CASE WHEN due_at IS NOT NULL THEN due_at <= @now
                ELSE asked > served OR running OR (@interval > 0 AND (began_at IS NULL OR began_at + @interval <= @now)) END
        RETURNING cursor_at, fence, cursor_is_ours
        """;

    /// <summary>Never anew: a renewal that comes behind the sweep's end finds it given back.</summary>
    public string RenewSweep { get; } = $"UPDATE sweep SET lease_until = CASE WHEN lease_until IS NULL THEN NULL ELSE {sql.Clock} + lease_span END WHERE ehr = @ehr AND fence = @fence";
}
