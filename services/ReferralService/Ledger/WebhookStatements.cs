namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="WebhookBook"/>.</summary>
internal sealed class WebhookStatements(Dialect sql)
{
    private const string One = "webhook = @webhook AND referral = (SELECT number FROM referral WHERE id = @id) AND sequence = @sequence";

    public const string Forget = $"DELETE FROM webhook_outbox WHERE {One}";

    /// <summary>What waits and what is given up, of every webhook that has any: also of those that are no longer configured.</summary>
    public const string Backlogs = """
        SELECT webhook, count(CASE WHEN given_up_at IS NULL THEN 1 END), min(CASE WHEN given_up_at IS NULL THEN queued_at END), count(given_up_at), min(CASE WHEN given_up_at IS NOT NULL THEN queued_at END)
        FROM webhook_outbox GROUP BY webhook ORDER BY webhook
        """;

    /// <summary>Of each referral the lowest event that is not given up, if it is free; longest free first.</summary>
    public string Heads { get; } = $"""
        SELECT w.tries, w.queued_at, r.id, r.ehr, r.order_id, r.trace_parent,
            t.sequence, t.event_id, t.event, t.at, t.state, t.recipient, t.attempt, t.package_id, t.package_digest, t.entries, t.error_code, t.next_attempt_at, t.detail
        FROM webhook_outbox w
        JOIN timeline t ON t.referral = w.referral AND t.revision = w.revision AND t.position = w.position
        JOIN referral r ON r.number = w.referral
        WHERE w.webhook = @webhook AND w.given_up_at IS NULL AND w.available_at <= {sql.Clock}
            AND NOT EXISTS (SELECT 1 FROM webhook_outbox lower
                WHERE lower.webhook = w.webhook AND lower.referral = w.referral AND lower.sequence < w.sequence AND lower.given_up_at IS NULL)
        ORDER BY w.available_at LIMIT @most {sql.LockFree("w")}
        """;

    public string Lease { get; } = $"UPDATE webhook_outbox SET available_at = {sql.Clock} + @span, held_by = @replica, tries = tries + 1 WHERE {One}";

    public string PutOff { get; } = $"UPDATE webhook_outbox SET available_at = {sql.Clock} + @span, held_by = NULL, code = @code WHERE {One}";

    /// <summary>As if nothing had been tried.</summary>
    public string HandBack { get; } = $"UPDATE webhook_outbox SET available_at = {sql.Clock}, held_by = NULL, tries = tries - 1 WHERE {One} AND held_by = @replica";

    public string GiveUp { get; } = $"UPDATE webhook_outbox SET given_up_at = {sql.Clock}, held_by = NULL, code = @code WHERE {One}";

    /// <summary>What was put off goes now; what is under way stays with its holder.</summary>
    public string Hasten { get; } = $"UPDATE webhook_outbox SET available_at = {sql.Clock} WHERE webhook = @webhook AND given_up_at IS NULL AND held_by IS NULL AND available_at > {sql.Clock}";

    public string TakeUpAgain { get; } = $"UPDATE webhook_outbox SET given_up_at = NULL, available_at = {sql.Clock} WHERE webhook = @webhook AND given_up_at IS NOT NULL";
}
