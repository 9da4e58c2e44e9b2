namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="StatusOutbox"/>.</summary>
internal sealed class OutboxStatements(Dialect sql)
{
    public const string Confirm = "DELETE FROM outbox WHERE referral = (SELECT number FROM referral WHERE id = @id) AND sequence = @sequence";

    /// <summary>
    /// The lowest unsent event of each referral that is free. Walks the index in the order of waiting and stops at enough: what it passes over
    /// is later events of the same referrals, a few each, so the length of the backlog does not matter.
    /// </summary>
    public string Heads { get; } = $"""
        SELECT r.id, r.ehr, r.order_id, r.trace_parent,
            t.sequence, t.event_id, t.event, t.at, t.state, t.recipient, t.attempt, t.package_id, t.package_digest, t.entries, t.error_code, t.next_attempt_at, t.detail
        FROM outbox o
        JOIN timeline t ON t.referral = o.referral AND t.revision = o.revision AND t.position = o.position
        JOIN referral r ON r.number = o.referral
        WHERE o.available_at <= {sql.Clock}
            AND NOT EXISTS (SELECT 1 FROM outbox lower WHERE lower.referral = o.referral AND lower.sequence < o.sequence)
        ORDER BY o.available_at LIMIT @most {sql.LockFree("o")}
        """;

    /// <summary>Keeps an event from being claimed for a while.</summary>
    public string Lease { get; } =
        $"UPDATE outbox SET available_at = {sql.Clock} + @span, held_by = @replica WHERE referral = (SELECT number FROM referral WHERE id = @id) AND sequence = @sequence";
}
