namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="ReplicaRoll"/>.</summary>
internal sealed class ReplicaStatements(Dialect sql)
{
    public const string Leave = "DELETE FROM replica WHERE id = @id";

    public string Renew { get; } = $"""
        INSERT INTO replica (id, alive_until) VALUES (@id, {sql.Clock} + @span)
        ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until
        """;

    /// <summary>Taken off the roll by whoever finds it first: the row's lock keeps a second one waiting, who then finds nothing.</summary>
    public string TakeDead { get; } = $"DELETE FROM replica WHERE alive_until <= {sql.Clock} RETURNING id";

    /// <summary>
    /// A lease taken by the build before this one names nobody, or somebody of an earlier claim, and is left alone. So is that of an attempt under way
    /// whose repetition only a question makes harmless: it was taken for the whole attempt, by the database's clock, so that when it runs out the attempt
    /// is over, whatever the dead replica's clock and its successor's say.
    /// </summary>
    public IReadOnlyList<string> Free { get; } =
    [
        $"""
            UPDATE referral SET lease_until = {sql.Clock}
            WHERE held_by = @id AND held_fence = fence AND lease_until > {sql.Clock}
                AND NOT (working AND state = 'delivering' AND outcome_unknown AND (attempt_by IS NULL OR attempt_by <> 'PutId'))
            """,
        $"UPDATE notice SET lease_until = {sql.Clock} WHERE held_by = @id AND lease_until > {sql.Clock}",
        $"UPDATE sweep SET lease_until = {sql.Clock} WHERE held_by = @id AND lease_until > {sql.Clock}",
        $"UPDATE subscription SET lease_until = {sql.Clock} WHERE held_by = @id AND lease_until > {sql.Clock}",
        $"UPDATE outbox SET available_at = {sql.Clock} WHERE held_by = @id AND available_at > {sql.Clock}",
        $"UPDATE webhook_outbox SET available_at = {sql.Clock}, held_by = NULL WHERE held_by = @id",
    ];
}
