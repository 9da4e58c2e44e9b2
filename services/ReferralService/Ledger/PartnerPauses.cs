namespace ReferralService.Ledger;

/// <summary>Which partners a person has paused, shared by all replicas. Claims leave a paused partner's rows out; a step under way is finished.</summary>
internal sealed class PartnerPauses(LedgerDatabase database, WorkSignal signal)
{
    /// <summary>When each paused partner was paused, by <c>ehr:{name}</c> or <c>recipient:{name}</c>.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> AllAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT partner, at FROM partner_pause", new Values(), row => (Partner: row.GetString(0), At: row.Instant(1)), cancellationToken),
            cancellationToken);
        return rows.ToDictionary(row => row.Partner, row => row.At, StringComparer.Ordinal);
    }

    /// <summary>Pauses partners; one that is paused already stays so since then.</summary>
    public Task PauseAsync(IReadOnlyList<string> partners, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        return database.WriteAsync(
            async session =>
            {
                await session.ExecuteEachAsync(
                    "INSERT INTO partner_pause (partner, at) VALUES (@partner, @at) ON CONFLICT (partner) DO NOTHING",
                    [.. partners.Order(StringComparer.Ordinal).Select(partner => new Values().Add("partner", partner).Add("at", now))], cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Lets work for them go on. The deadlines of what waited meanwhile move on by as long as it waited: a pause is nobody's failure.</summary>
    public async Task ResumeAsync(IReadOnlyList<string> partners, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        await database.WriteAsync(
            async session =>
            {
                foreach (var partner in partners.Order(StringComparer.Ordinal))
                {
                    var since = await session.ReadRowsAsync(
                        "DELETE FROM partner_pause WHERE partner = @partner RETURNING at", new Values().Add("partner", partner), row => row.Instant(0), cancellationToken);
                    if (since is [var at])
                    {
                        await session.ExecuteAsync(Extend(partner), new Values().Add("name", partner[(partner.IndexOf(':') + 1)..]).Add("since", at).Add("now", now), cancellationToken);
                    }
                }

                return true;
            },
            cancellationToken);
        signal.Set();
    }

    /// <summary>A row that came to wait during the pause gets only what it waited. A step under way is told by the revision.</summary>
    private static string Extend(string partner)
    {
        var waiting = partner.StartsWith("ehr:", StringComparison.Ordinal)
            ? "ehr = @name AND state IN ('received', 'gathering', 'packaged', 'delivering')"
            : "coalesce(recipient, recipient_asked) = @name AND state IN ('packaged', 'delivering')";
        return $"""
            UPDATE referral SET
                gather_deadline = gather_deadline + (@now - CASE WHEN updated_at > @since THEN updated_at ELSE @since END),
                delivery_deadline = delivery_deadline + (@now - CASE WHEN updated_at > @since THEN updated_at ELSE @since END),
                revision = revision + 1
            WHERE {waiting} AND due_at IS NOT NULL AND (gather_deadline IS NOT NULL OR delivery_deadline IS NOT NULL) AND updated_at < @now
            """;
    }
}
