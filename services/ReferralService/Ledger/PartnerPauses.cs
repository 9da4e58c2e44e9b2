namespace ReferralService.Ledger;

/// <summary>Which partners a person has paused, shared by all replicas. Claims leave a paused partner's rows out; a step under way is finished.</summary>
internal sealed class PartnerPauses(LedgerDatabase database, WorkSignals work)
{
    private const string OnTheirWay = "('packaged', 'delivering')";

    private readonly string _resumeEhr = Resume(database.Sql, "ehr = @name AND state IN ('received', 'gathering', 'packaged', 'delivering')");

    private readonly string _resumeRecipient = Resume(
        database.Sql, $"((state IN {OnTheirWay} AND coalesce(recipient, recipient_asked) = @name) OR (state = 'gathering' AND set_aside_for = @partner))");

    private volatile Known? _known;

    /// <summary>When each paused partner was paused, by <c>ehr:{name}</c> or <c>recipient:{name}</c>.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> AllAsync(CancellationToken cancellationToken)
    {
        var mark = database.Pauses.Mark;
        if (_known is { } known && known.Mark == mark && database.Sql is Dialect.Sqlite)
        {
            // Every step asks, and nobody but this process writes the file.
            return known.All;
        }

        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync("SELECT partner, at FROM partner_pause", new Values(), row => (Partner: row.GetString(0), At: row.Instant(1)), cancellationToken),
            cancellationToken);
        var all = rows.ToDictionary(row => row.Partner, row => row.At, StringComparer.Ordinal);
        _known = new(mark, all);
        return all;
    }

    /// <summary>Pauses partners; one that is paused already stays so since then.</summary>
    public Task PauseAsync(IReadOnlyList<string> partners, CancellationToken cancellationToken) => PauseAsync(partners, byHand: null, cancellationToken);

    /// <param name="byHand">Recorded in the same transaction.</param>
    public async Task PauseAsync(IReadOnlyList<string> partners, OperatorAction? byHand, CancellationToken cancellationToken)
    {
        var now = database.Clock.GetUtcNow();
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteEachAsync(
                    "INSERT INTO partner_pause (partner, at) VALUES (@partner, @at) ON CONFLICT (partner) DO NOTHING",
                    [.. partners.Order(StringComparer.Ordinal).Select(partner => new Values().Add("partner", partner).Add("at", now))], cancellationToken);
                await RecordAsync(session, byHand, cancellationToken);
                return true;
            },
            cancellationToken);
        database.Pauses.Move();
    }

    /// <summary>Lets work for them go on, at once. The deadlines of what waited move on by as long as it could not be worked on: a pause is nobody's failure.</summary>
    public Task ResumeAsync(IReadOnlyList<string> partners, CancellationToken cancellationToken) => ResumeAsync(partners, byHand: null, cancellationToken);

    /// <param name="byHand">Recorded in the same transaction.</param>
    public async Task ResumeAsync(IReadOnlyList<string> partners, OperatorAction? byHand, CancellationToken cancellationToken)
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
                        var values = new Values().Add("partner", partner).Add("name", partner[(partner.IndexOf(':') + 1)..]).Add("since", at).Add("now", now);
                        await session.ExecuteAsync(partner.StartsWith("ehr:", StringComparison.Ordinal) ? _resumeEhr : _resumeRecipient, values, cancellationToken);
                    }
                }

                await RecordAsync(session, byHand, cancellationToken);
                return true;
            },
            cancellationToken);
        database.Pauses.Move();
        work.SetAll();
    }

    private static Task RecordAsync(LedgerSession session, OperatorAction? byHand, CancellationToken cancellationToken)
        => byHand is null ? Task.CompletedTask : OperatorActions.AppendAsync(session, byHand, cancellationToken);

    /// <summary>Adds to the deadlines what was not added yet, up to now, of the pauses that kept the row waiting. A step under way is not kept from anything.</summary>
    /// <param name="waiting">Which rows the resumed partner kept waiting.</param>
    private static string Resume(Dialect sql, string waiting)
    {
        // All pauses still in force reach up to now: together with the resumed one they cover the time from the first of them. What ended before now was
        // added when it ended. A lease that has run out is a step that died: from there on the row waits.
        var first = $"""
            {sql.Least}(@since, coalesce((
                SELECT min(p.at) FROM partner_pause p WHERE p.partner = 'ehr:' || referral.ehr OR p.partner = referral.set_aside_for
                    OR (referral.state IN {OnTheirWay} AND p.partner = 'recipient:' || coalesce(referral.recipient, referral.recipient_asked))), @since))
            """;
        var from = $"{sql.Greatest}({first}, coalesce(waits_since, 0), coalesce(lease_until, 0))";
        var kept = $"CASE WHEN @now > {from} THEN @now - {from} ELSE 0 END";
        return $"""
            UPDATE referral SET
                gather_deadline = gather_deadline + {kept},
                delivery_deadline = delivery_deadline + {kept},
                waits_since = @now,
                due_at = CASE WHEN set_aside_for = @partner AND due_at > @now THEN @now ELSE due_at END,
                awaited_since = CASE WHEN set_aside_for = @partner THEN @now ELSE awaited_since END,
                awaited_for = CASE WHEN set_aside_for = @partner THEN lane ELSE awaited_for END,
                set_aside_for = CASE WHEN set_aside_for = @partner THEN NULL ELSE set_aside_for END,
                revision = revision + 1
            WHERE {waiting} AND due_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= {sql.Clock})
                AND (gather_deadline IS NOT NULL OR delivery_deadline IS NOT NULL OR set_aside_for IS NOT NULL)
            """;
    }

    private sealed record Known(long Mark, IReadOnlyDictionary<string, DateTimeOffset> All);
}
