using System.Collections.Concurrent;

namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="ReferralBook"/>, made once for the database in use.</summary>
internal sealed partial class ReferralStatements
{
    private static readonly string[] Keys = ["id", "ehr", "order_id", "recipient_asked", "created_at", "trace_parent"];

    /// <summary>How many of what changes stand before the lease.</summary>
    private const int LeaseAt = 9;

    /// <summary>Of a whole row, in the order in which <see cref="ReferralRow"/> reads them.</summary>
    public static readonly IReadOnlyList<string> Columns =
    [
        .. Keys, .. ReferralColumns.Changing.Take(LeaseAt).Select(column => column.Name), "lease_until", .. ReferralColumns.Changing.Skip(LeaseAt).Select(column => column.Name), "number", "revision",
    ];

    private static readonly string All = string.Join(", ", Columns.Select(Reading));

    private readonly ConcurrentDictionary<(ulong Columns, bool Awaits, bool Guarded), string> _narrow = new();

    /// <param name="webhooks">Whether events may have to go to webhooks as well; without any, nothing is asked about them.</param>
    public ReferralStatements(Dialect sql, bool webhooks)
    {
        FindForUpdate = $"SELECT {All} FROM referral WHERE ehr = @ehr AND order_id = @order_id ORDER BY number {sql.Lock}";

        // Lanes are few and rows many: the first lane, then the next greater one.
        var lanes = """
            WITH RECURSIVE lanes (lane) AS (
                SELECT min(lane) FROM referral WHERE due_at IS NOT NULL
                UNION ALL
                SELECT (SELECT min(n.lane) FROM referral n WHERE n.due_at IS NOT NULL AND n.lane > lanes.lane) FROM lanes WHERE lanes.lane IS NOT NULL)
            """;
        var firstOfLane = $"""
            SELECT q.number, q.due_at FROM referral q
            WHERE q.lane = free.lane AND q.due_at IS NOT NULL AND q.due_at <= @now AND (q.lease_until IS NULL OR q.lease_until <= {sql.Clock})
                AND (q.lane LIKE 'g:%' OR NOT EXISTS (SELECT 1 FROM partner_pause e WHERE e.partner = 'ehr:' || q.ehr))
            ORDER BY q.due_at LIMIT @most {sql.LockFree("q")}
            """;

        // What a lane may have at once: its own limit, and half of what is free in the process (@room; -1: that does not count). So lanes
        // that hang come to rest while there is still room for the others, whatever their number. One claim shares it among the lanes that may have some.
        // A lane without places costs one step however many wait in it; one with some gives no more than those.
        ClaimDue = $"""
            {lanes},
            wanted AS MATERIALIZED (
                SELECT lane, CASE WHEN lane LIKE 'g:%' THEN @per_ehr ELSE @per_recipient END AS most,
                    (SELECT count(*) FROM referral l WHERE l.lane = lanes.lane AND l.lease_until IS NOT NULL AND l.lease_until > {sql.Clock}) AS taken
                FROM lanes
                WHERE lane IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM partner_pause p WHERE p.partner = CASE WHEN lane LIKE 'g:%' THEN 'ehr:' ELSE 'recipient:' END || substr(lane, 3))
                    AND EXISTS (SELECT 1 FROM referral w WHERE w.lane = lanes.lane AND w.due_at IS NOT NULL AND w.due_at <= @now AND (w.lease_until IS NULL OR w.lease_until <= {sql.Clock}))),
            room AS MATERIALIZED (
                SELECT CASE WHEN @room < 0 THEN -1 WHEN @room > waking THEN @room - waking ELSE 0 END AS n
                FROM (SELECT count(*) AS waking FROM referral l WHERE l.lease_until IS NOT NULL AND l.lease_until > {sql.Clock} AND NOT l.working) claimed),
            bounded AS MATERIALIZED (
                SELECT lane, taken, CASE WHEN n < 0 OR most < n / 2 THEN most WHEN taken = 0 AND n IN (1, 2, 3) THEN 1 ELSE n / 2 END AS allowed FROM wanted CROSS JOIN room),
            share AS MATERIALIZED (
                SELECT CASE WHEN n < 0 THEN @most ELSE n / (1 + (SELECT count(*) FROM bounded WHERE taken < allowed)) END AS each FROM room),
            free AS MATERIALIZED (
                SELECT lane, CASE WHEN taken = 0 AND each = 0 THEN 1 WHEN allowed - taken < each THEN allowed - taken ELSE each END AS places
                FROM bounded CROSS JOIN share WHERE taken < allowed),
            due AS MATERIALIZED (
                SELECT ranked.number AS due_number FROM (
                    SELECT r.number, r.due_at, free.places, row_number() OVER (PARTITION BY free.lane ORDER BY r.due_at) AS place
                    FROM {sql.JoinFirst("free", firstOfLane)}) ranked
                WHERE ranked.place <= ranked.places ORDER BY ranked.due_at LIMIT (SELECT CASE WHEN n < 0 THEN @most ELSE n END FROM room))
            UPDATE referral SET fence = fence + 1, lease_until = {sql.Clock} + @lease, held_by = @replica, held_fence = fence + 1,
                crashes = CASE WHEN working THEN crashes + 1 ELSE crashes END, working = FALSE
            WHERE number IN (SELECT due_number FROM due)
            RETURNING id, fence, state, ehr, recipient, crashes, due_at
            """;
        Begin = $"""
            UPDATE referral SET fence = fence + 1, working = TRUE, lease_until = {sql.Clock} + @lease, revision = revision + 1,
                held_by = @replica, held_fence = fence + 1, held_turn = @turn,
                updated_at = CASE WHEN state = 'received' THEN @now ELSE updated_at END,
                state = CASE WHEN state = 'received' THEN 'gathering' ELSE state END
            WHERE id = @id AND fence = @fence AND due_at IS NOT NULL
            RETURNING {All}
            """;
        // As the claim would have it, of one row that its own replica has just packaged: a place in its recipient's lane, nobody there who has waited longer, and no pause.
        TakeUp = $"""
            UPDATE referral SET fence = fence + 1, working = TRUE, lease_until = {sql.Clock} + @lease, revision = revision + 1,
                held_by = @replica, held_fence = fence + 1, held_turn = @turn
            WHERE id = @id AND fence = @fence AND state = 'packaged' AND due_at <= @now AND lease_until IS NULL
                AND (SELECT count(*) FROM referral l WHERE l.lane = referral.lane AND l.lease_until IS NOT NULL AND l.lease_until > {sql.Clock}) < @places
                AND NOT EXISTS (SELECT 1 FROM referral w WHERE w.lane = referral.lane AND w.due_at IS NOT NULL AND w.due_at < referral.due_at AND (w.lease_until IS NULL OR w.lease_until <= {sql.Clock}))
                AND NOT EXISTS (SELECT 1 FROM partner_pause p WHERE p.partner = 'recipient:' || substr(referral.lane, 3) OR p.partner = 'ehr:' || referral.ehr)
            RETURNING {All}
            """;
        // Never shorter: a lease that was taken for a whole attempt holds for it. Never anew: a renewal that comes behind the step's end finds it given back.
        Renew = $"""
            UPDATE referral SET lease_until = CASE WHEN lease_until IS NULL OR lease_until > {sql.Clock} + @lease THEN lease_until ELSE {sql.Clock} + @lease END
            WHERE id = @id AND fence = @fence
            """;
        Advance = AdvanceWithLines(sql, webhooks);
        Queue = $"""
            INSERT INTO outbox (referral, sequence, revision, position, queued_at, available_at)
            VALUES (@referral, @sequence, @revision, @position, {sql.Clock}, {sql.Clock})
            """;
        QueueForWebhook = $"""
            INSERT INTO webhook_outbox (webhook, referral, sequence, revision, position, queued_at, available_at, tries)
            VALUES (@webhook, @referral, @sequence, @revision, @position, {sql.Clock}, {BehindWhatIsPutOff(sql, "@webhook", "@referral")}, 0)
            """;
    }

    public const string LockOrder = "SELECT pg_advisory_xact_lock(hashtextextended(@key, 0))";

    public const string FindOrder = "SELECT ehr, order_id FROM referral WHERE id = @id";

    /// <summary>What a step was under way with waits from now on; what was claimed only has waited all the time.</summary>
    public const string Release = """
        UPDATE referral SET waits_since = CASE WHEN working THEN @now ELSE waits_since END, working = FALSE, lease_until = NULL, due_at = @due_at
        WHERE id = @id AND fence = @fence AND due_at IS NOT NULL
        """;

    public const string HandBack = "UPDATE referral SET lease_until = NULL WHERE id = @id AND fence = @fence AND due_at IS NOT NULL AND NOT working";

    public const string FindCommand = "SELECT body_sha256, answer FROM command WHERE id = @id";

    public const string KeepCommand = "INSERT INTO command (id, body_sha256, answer, at) VALUES (@id, @body_sha256, @answer, @at)";

    public const string PurgeCommands = "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE at < @before ORDER BY at LIMIT @most)";

    public const string InsertLine = """
        INSERT INTO timeline (referral, revision, position, sequence, event_id, event, at, state, recipient, attempt, package_id, package_digest, entries, error_code, next_attempt_at, detail)
        VALUES (@referral, @revision, @position, @sequence, @event_id, @event, @at, @state, @recipient, @attempt, @package_id, @package_digest, @entries, @error_code, @next_attempt_at, @detail)
        """;

    public const string Timeline = """
        SELECT sequence, event_id, event, at, state, recipient, attempt, package_id, package_digest, entries, error_code, next_attempt_at, detail
        FROM timeline WHERE referral = (SELECT number FROM referral WHERE id = @id) ORDER BY revision, position
        """;

    public const string OpenOrders = "SELECT DISTINCT order_id FROM referral WHERE ehr = @ehr AND state NOT IN ('delivered', 'failed', 'cancelled') ORDER BY order_id";

    public static readonly string Find = $"SELECT {All} FROM referral WHERE id = @id";

    /// <summary>By their order, because what may be done to one depends on the others of it.</summary>
    public static readonly string OfBulk = $"""
        SELECT {All} FROM referral WHERE (ehr, order_id) IN (
            SELECT o.ehr, o.order_id FROM bulk_item i JOIN referral o ON o.id = i.referral WHERE i.bulk = @bulk AND i.position > @after AND i.position <= @until)
        ORDER BY number
        """;

    /// <summary>What may be begun, and how it is, for a database with one writer.</summary>
    public static readonly string FindToBegin = $"SELECT {All} FROM referral WHERE id = @id AND fence = @fence AND due_at IS NOT NULL";

    private const string Holding = "fence = fence + 1, working = TRUE, lease_until = @lease_until, revision = revision + 1, held_by = @replica, held_fence = fence + 1, held_turn = @turn";

    public const string BeginFound = $"UPDATE referral SET {Holding} WHERE number = @number";

    public const string BeginReceived = $"UPDATE referral SET {Holding}, state = 'gathering', updated_at = @now WHERE number = @number";

    /// <summary>What a begin wrote whose answer was lost.</summary>
    public static readonly string FindBegun = $"""
        SELECT {All} FROM referral
        WHERE id = @id AND fence = @fence + 1 AND working AND held_fence = fence AND held_by = @replica AND held_turn = @turn
        """;

    public static readonly string Insert = $"""
        INSERT INTO referral ({string.Join(", ", [.. Keys, .. ReferralColumns.Changing.Select(column => column.Name), .. Marks.Select(mark => mark.Column)])}, lease_until, awaited_for, awaited_since, revision)
        VALUES ({string.Join(", ", [.. Keys.Concat(ReferralColumns.Changing.Select(column => column.Name)).Select(column => "@" + column), .. Marks.Select(mark => mark.Value)])}, @lease_until, @awaited_for, @awaited_since, 1)
        RETURNING number
        """;

    /// <summary>Writes a row as decided, lease and fence too; guarded by its revision.</summary>
    public static readonly string Change = $"""
        UPDATE referral SET {Setting(ReferralColumns.Changing)}, lease_until = @lease_until, {SettingAwaited}, revision = revision + 1
        WHERE id = @id AND revision = @revision
        """;

    public string FindForUpdate { get; }
    public string ClaimDue { get; }
    public string Begin { get; }
    public string TakeUp { get; }
    public string Renew { get; }
    public string Advance { get; }
    public string Queue { get; }

    public string QueueForWebhook { get; }

    /// <summary>Where a statement costs by the indexes that it names a column of (SQLite), a row is written by its number, and of it only what is another than before.</summary>
    /// <param name="columns">As a set of <see cref="ReferralColumns"/>.</param>
    /// <param name="awaits">Whether it waits for another now.</param>
    public string ChangeOf(ulong columns, bool awaits, bool guarded) => _narrow.GetOrAdd((columns, awaits, guarded), static key => $"""
        UPDATE referral SET {string.Join(", ", [.. ReferralColumns.Of(key.Columns).Select(column => column.Setting), .. (string[])(key.Awaits ? [SettingAwaited] : []), "lease_until = @lease_until", "revision = revision + 1"])}
        WHERE number = @number AND revision = @revision{(key.Guarded ? " AND fence = @known_fence" : "")}
        """);

    private static string Reading(string column) => column switch
    {
        "package_purged_at" => $"CASE WHEN package_purged_version = package_version THEN {column} END AS {column}",
        "attempt_by" or "status_url" => $"CASE WHEN attempt_noted_at = attempt_at THEN {column} END AS {column}",
        _ => column,
    };

    /// <summary>As <see cref="Awaiting"/> tells; what was not known before stays so.</summary>
    private const string SettingAwaited = """
        awaited_since = CASE WHEN @awaited_anew THEN @awaited_since ELSE awaited_since END,
        awaited_for = CASE WHEN @awaited_anew OR awaited_for = @awaited_before THEN @awaited_for END
        """;

    private static IEnumerable<(string Column, string Value)> Marks => ReferralColumns.Changing.Select(column => column.Mark).OfType<(string, string)>();

    private static string Setting(IEnumerable<ReferralColumn> columns) => string.Join(", ", columns.Select(column => column.Setting));

    private static string AdvanceRow(Dialect sql)
    {
        return $"""
            UPDATE referral SET {Setting(ReferralColumns.Changing)}, {SettingAwaited}, revision = revision + 1,
                lease_until = CASE WHEN @lease IS NULL THEN NULL ELSE {sql.Clock} + @lease END
            WHERE id = @id AND revision = @revision AND fence = @known_fence
            """;
    }

    private static string AdvanceWithLines(Dialect sql, bool webhooks) => $"""
        WITH written AS ({AdvanceRow(sql)} RETURNING number, lease_until, revision),
        lines AS (
            INSERT INTO timeline (referral, revision, position, sequence, event_id, event, at, state, recipient, attempt, package_id, package_digest, entries, error_code, next_attempt_at, detail)
            SELECT w.number, w.revision, l.position, l.sequence, l.event_id, l.event, l.at, l.state, l.recipient, l.attempt, l.package_id, l.package_digest, l.entries, l.error_code, l.next_attempt_at, l.detail
            FROM written w, jsonb_to_recordset(@lines::jsonb) AS l (position integer, sequence integer, event_id uuid, event text, at bigint, state text, recipient text, attempt integer,
                package_id uuid, package_digest text, entries integer, error_code text, next_attempt_at bigint, detail text)),
        queued AS (
            INSERT INTO outbox (referral, sequence, revision, position, queued_at, available_at)
            SELECT w.number, l.sequence, w.revision, l.position, {sql.Clock}, {sql.Clock}
            FROM written w, jsonb_to_recordset(@lines::jsonb) AS l (position integer, sequence integer)
            WHERE @publish AND l.sequence IS NOT NULL){(webhooks ? QueuedForWebhooks(sql) : "")}
        SELECT number, lease_until FROM written
        """;

    /// <summary>As late as what stands before it and was put off (<see cref="WebhookStatements.PutOffBehind"/>). Not as late as a lease: its end may just be being written.</summary>
    private static string BehindWhatIsPutOff(Dialect sql, string webhook, string referral) => $"""
        coalesce((SELECT max(o.available_at) FROM webhook_outbox o
            WHERE o.webhook = {webhook} AND o.referral = {referral} AND o.given_up_at IS NULL AND o.held_by IS NULL AND o.available_at > {sql.Clock}), {sql.Clock})
        """;

    private static string QueuedForWebhooks(Dialect sql) => $"""
        ,
        told AS (
            INSERT INTO webhook_outbox (webhook, referral, sequence, revision, position, queued_at, available_at, tries)
            SELECT l.webhook, w.number, l.sequence, w.revision, l.position, {sql.Clock}, {BehindWhatIsPutOff(sql, "l.webhook", "w.number")}, 0
            FROM written w, jsonb_to_recordset(@told::jsonb) AS l (webhook text, position integer, sequence integer))
        """;
}
