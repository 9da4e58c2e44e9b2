namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="SubscriptionBook"/>.</summary>
internal sealed class SubscriptionStatements(Dialect sql)
{
    public const string Columns = """
        ehr, kind, resource_id, status, error_code, events_seen, events_told, told_at, gap_at, heard_at, begun_at, checked_at, tries, fence, count_began_at
        """;

    /// <summary>Another kind is another subscription: nothing that is known of the one holds for the other, but its id, so that it is changed and not doubled.</summary>
    public const string Open = """
        INSERT INTO subscription (ehr, kind, status, tries, due_at, fence) VALUES (@ehr, @kind, @none, 0, @now, 0)
        ON CONFLICT (ehr) DO UPDATE SET
            events_seen = CASE WHEN subscription.kind = excluded.kind THEN subscription.events_seen END,
            events_told = CASE WHEN subscription.kind = excluded.kind THEN subscription.events_told END,
            gap_at = CASE WHEN subscription.kind = excluded.kind THEN subscription.gap_at END,
            count_began_at = CASE WHEN subscription.kind = excluded.kind THEN subscription.count_began_at END,
            kind = excluded.kind, tries = 0, due_at = excluded.due_at
        """;

    public const string Of = $"SELECT {Columns} FROM subscription WHERE ehr = @ehr";

    public const string All = $"SELECT {Columns} FROM subscription ORDER BY ehr";

    /// <summary>Not at every hook: many come in a second.</summary>
    public const string Sign = "UPDATE subscription SET heard_at = @now WHERE ehr = @ehr AND (heard_at IS NULL OR heard_at < @before)";

    public const string Hear = """
        UPDATE subscription SET heard_at = @now, events_seen = @seen, events_told = @told, told_at = @told_at, gap_at = @gap_at, count_began_at = @count_began_at,
            due_at = CASE WHEN @stopped AND due_at > @now THEN @now ELSE due_at END
        WHERE ehr = @ehr
        """;

    public const string Begin = """
        UPDATE subscription SET resource_id = @resource_id, status = 'requested', events_seen = 0, events_told = 0, told_at = NULL, gap_at = NULL, count_began_at = NULL, begun_at = @now
        WHERE ehr = @ehr AND fence = @fence
        """;

    public const string Keep = """
        UPDATE subscription SET resource_id = @resource_id, status = @status, error_code = @code, tries = @tries, due_at = @due_at,
            begun_at = coalesce(@begun_at, begun_at), checked_at = @now, lease_until = NULL
        WHERE ehr = @ehr AND fence = @fence
        """;

    public const string PutOff = "UPDATE subscription SET due_at = @due_at, tries = tries + @tried, lease_until = NULL WHERE ehr = @ehr AND fence = @fence";

    /// <summary>What was asked for counts as heard of; what came meanwhile stays.</summary>
    public const string Fill = """
        UPDATE subscription SET events_seen = CASE WHEN @until > events_seen THEN @until ELSE events_seen END,
            gap_at = CASE WHEN events_told > @until AND events_told > events_seen THEN @now END
        WHERE ehr = @ehr AND fence = @fence
        """;

    /// <summary>Never anew: a renewal that comes behind the look's end finds it given back.</summary>
    public string Renew { get; } = $"UPDATE subscription SET lease_until = CASE WHEN lease_until IS NULL THEN NULL ELSE {sql.Clock} + @lease END WHERE ehr = @ehr AND fence = @fence";

    public string ForCount { get; } = $"{Of} {sql.Lock}";

    public string Claim { get; } = $"""
        UPDATE subscription SET fence = fence + 1, lease_until = {sql.Clock} + @lease, held_by = @replica
        WHERE ehr = @ehr AND (lease_until IS NULL OR lease_until <= {sql.Clock}) AND (due_at <= @now OR gap_at <= @gap_before)
        RETURNING {Columns}
        """;
}
