namespace ReferralService.Ledger;

/// <summary>The statements of <see cref="BulkBook"/> and of an item's turn in <see cref="ReferralBook"/>.</summary>
internal sealed class BulkStatements(Dialect sql)
{
    public const string Columns = "id, action, recipient, actor, role, state, at, matched, begun_at, ended_at, fence";

    public const string Insert = """
        INSERT INTO bulk_action (id, action, recipient, actor, role, state, at, matched, fence)
        VALUES (@id, @action, @recipient, @actor, @role, 'previewed', @at, @matched, 0) ON CONFLICT (id) DO NOTHING
        """;

    public const string InsertItem = "INSERT INTO bulk_item (bulk, position, referral) VALUES (@bulk, @position, @referral) ON CONFLICT (bulk, position) DO NOTHING";

    public const string Find = $"SELECT {Columns} FROM bulk_action WHERE id = @id";

    public const string AnyRunning = "SELECT 1 FROM bulk_action WHERE state = 'running' LIMIT 1";

    public const string Start = """
        UPDATE bulk_action SET state = 'running', actor = @actor, role = @role, begun_at = @now WHERE id = @id AND state = 'previewed'
        """;

    public const string Stop = "UPDATE bulk_action SET state = 'stopped', ended_at = @now WHERE id = @id AND state IN ('previewed', 'running')";

    public const string LeaveRest = "UPDATE bulk_item SET outcome = @outcome, at = @now WHERE bulk = @id AND outcome IS NULL";

    public const string OpenItems = "SELECT position, referral, outcome, at FROM bulk_item WHERE bulk = @bulk AND outcome IS NULL ORDER BY position LIMIT @most";

    public const string Items = "SELECT position, referral, outcome, at FROM bulk_item WHERE bulk = @bulk AND position > @after ORDER BY position LIMIT @most";

    public const string Tally = "SELECT coalesce(outcome, ''), count(*) FROM bulk_item WHERE bulk = @bulk GROUP BY outcome";

    public const string Finish = """
        UPDATE bulk_action SET state = 'done', ended_at = @now, lease_until = NULL
        WHERE id = @id AND fence = @fence AND state = 'running' AND NOT EXISTS (SELECT 1 FROM bulk_item i WHERE i.bulk = @id AND i.outcome IS NULL)
        """;

    /// <summary>First in the transaction of an item: whoever else has its turn waits here, and then finds it taken.</summary>
    public const string TakeItem = """
        UPDATE bulk_item SET outcome = 'working', at = @now
        WHERE bulk = @bulk AND position = @position AND outcome IS NULL
            AND EXISTS (SELECT 1 FROM bulk_action b WHERE b.id = @bulk AND b.state = 'running' AND b.fence = @fence)
        """;

    public const string SettleItem = "UPDATE bulk_item SET outcome = @outcome WHERE bulk = @bulk AND position = @position";

    public const string PurgeItems = "DELETE FROM bulk_item WHERE bulk IN (SELECT id FROM bulk_action WHERE at < @before AND state <> 'running' ORDER BY id LIMIT 1)";

    public const string Purge = "DELETE FROM bulk_action WHERE id IN (SELECT id FROM bulk_action WHERE at < @before AND state <> 'running' ORDER BY id LIMIT 1)";

    public string Claim { get; } = $"""
        UPDATE bulk_action SET fence = fence + 1, lease_until = {sql.Clock} + @lease, held_by = @replica
        WHERE id = (SELECT b.id FROM bulk_action b WHERE b.state = 'running' AND (b.lease_until IS NULL OR b.lease_until <= {sql.Clock}) ORDER BY b.id LIMIT 1 {sql.LockFree("b")})
        RETURNING {Columns}
        """;

    public string Renew { get; } = $"UPDATE bulk_action SET lease_until = {sql.Clock} + @lease WHERE id = @id AND fence = @fence AND state = 'running'";
}
