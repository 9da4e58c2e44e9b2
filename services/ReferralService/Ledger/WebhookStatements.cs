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
        SELECT w.tries, w.refused_at, r.id, r.ehr, r.order_id, r.trace_parent,
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

    /// <summary>By who holds it alone: whose lease ran out while it sent has nothing to say any more.</summary>
    public string PutOff { get; } = $"""
        UPDATE webhook_outbox SET available_at = {sql.Clock} + @span, held_by = NULL, code = @code, refused_at = CASE WHEN @refused THEN coalesce(refused_at, {sql.Clock}) ELSE refused_at END
        WHERE {One} AND held_by = @replica
        """;

    /// <summary>Those behind what was put off wait as long: a claim then finds by its index what may go, and does not read what stands behind.</summary>
    public string PutOffBehind { get; } = $"""
        UPDATE webhook_outbox SET available_at = {sql.Clock} + @span
        WHERE webhook = @webhook AND referral = (SELECT number FROM referral WHERE id = @id) AND sequence > @sequence AND given_up_at IS NULL AND held_by IS NULL
        """;

    /// <summary>The next of the referral need not wait out the pause of the one before it.</summary>
    public string FreeNext { get; } = $"""
        UPDATE webhook_outbox SET available_at = {sql.Clock}
        WHERE webhook = @webhook AND referral = (SELECT number FROM referral WHERE id = @id) AND given_up_at IS NULL AND held_by IS NULL AND available_at > {sql.Clock}
            AND sequence = (SELECT min(o.sequence) FROM webhook_outbox o
                WHERE o.webhook = @webhook AND o.referral = (SELECT number FROM referral WHERE id = @id) AND o.given_up_at IS NULL)
        """;

    /// <summary>As if nothing had been tried.</summary>
    public string HandBack { get; } = $"UPDATE webhook_outbox SET available_at = {sql.Clock}, held_by = NULL, tries = tries - 1 WHERE {One} AND held_by = @replica";

    public string GiveUp { get; } = $"UPDATE webhook_outbox SET given_up_at = {sql.Clock}, held_by = NULL, code = @code WHERE {One} AND held_by = @replica";

    /// <summary>Of each referral the first that was put off goes now, and frees the next; what is under way stays with its holder.</summary>
    public string Hasten { get; } = $"""
        UPDATE webhook_outbox AS w SET available_at = {sql.Clock}
        WHERE w.webhook = @webhook AND w.given_up_at IS NULL AND w.held_by IS NULL AND w.available_at > {sql.Clock}
            AND NOT EXISTS (SELECT 1 FROM webhook_outbox lower
                WHERE lower.webhook = w.webhook AND lower.referral = w.referral AND lower.sequence < w.sequence AND lower.given_up_at IS NULL)
        """;

    /// <summary>Foremost, since it stands in the way of its referral's later ones again. It stays refused since when it was: one more refusal is enough.</summary>
    public const string TakeUpAgain = "UPDATE webhook_outbox SET given_up_at = NULL, available_at = queued_at, tries = 0 WHERE webhook = @webhook AND given_up_at IS NOT NULL";
}
