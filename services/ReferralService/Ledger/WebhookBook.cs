namespace ReferralService.Ledger;

/// <summary>An event that a webhook's receiver is to be told.</summary>
/// <param name="Tries">Those before this one; since it was last taken up.</param>
/// <param name="RefusedSince">Since when the receiver refuses this event, and not all; null: it does not.</param>
internal sealed record WebhookEvent(OutboxEvent Event, int Tries, DateTimeOffset? RefusedSince);

/// <summary>What one webhook has not been told.</summary>
/// <param name="Oldest">Since when the oldest of those that wait does; null: none waits.</param>
/// <param name="GivenUp">Events that are no longer tried, and kept.</param>
internal sealed record WebhookBacklog(string Webhook, long Waiting, DateTimeOffset? Oldest, long GivenUp, DateTimeOffset? OldestGivenUp);

/// <summary>Events that the receivers of webhooks have not taken. Written by the transition itself (<see cref="ReferralBook"/>), whatever the bus.</summary>
internal sealed class WebhookBook(LedgerDatabase database)
{
    private readonly WebhookStatements _sql = new(database.Sql);

    /// <summary>Leases up to <paramref name="most"/> referrals that have events for a webhook and gives the lowest event of each, longest waiting first.</summary>
    public Task<IReadOnlyList<WebhookEvent>> ClaimAsync(string webhook, int most, TimeSpan lease, CancellationToken cancellationToken)
        => database.WriteAsync<IReadOnlyList<WebhookEvent>>(
            async session =>
            {
                var heads = await session.ReadRowsAsync(_sql.Heads, new Values().Add("webhook", webhook).Add("most", (int?)most),
                    row => new WebhookEvent(
                        new OutboxEvent(row.ReferralId(2), row.GetString(3), row.GetString(4), ReferralBook.Line(row, 6), row.TextOrNull(5)), row.GetInt32(0), row.InstantOrNull(1)),
                    cancellationToken);
                await session.ExecuteEachAsync(_sql.Lease, [.. heads.Select(head => Key(webhook, head).Add("span", lease).Add("replica", database.Replica))], cancellationToken);
                return heads;
            },
            cancellationToken);

    /// <summary>The receiver has it: forgotten, and the referral's next event is free.</summary>
    public Task ConfirmAsync(string webhook, WebhookEvent told, CancellationToken cancellationToken)
        => told.Tries == 0 ? RunAsync(WebhookStatements.Forget, Key(webhook, told), cancellationToken) : RunBothAsync(WebhookStatements.Forget, _sql.FreeNext, Key(webhook, told), cancellationToken);

    /// <summary>It is tried again after <paramref name="delay"/>, and nothing of its referral before.</summary>
    /// <param name="refused">Whether the receiver refuses this event rather than all.</param>
    /// <returns>How many events: none, if the lease ran out and another has it.</returns>
    public Task<int> PutOffAsync(string webhook, WebhookEvent told, string code, bool refused, TimeSpan delay, CancellationToken cancellationToken)
        => RunBothAsync(_sql.PutOff, _sql.PutOffBehind, Key(webhook, told).Add("span", delay).Add("code", code).Add("refused", refused).Add("replica", database.Replica), cancellationToken);

    /// <summary>It was not tried after all.</summary>
    public Task HandBackAsync(string webhook, WebhookEvent told, CancellationToken cancellationToken)
        => RunAsync(_sql.HandBack, Key(webhook, told).Add("replica", database.Replica), cancellationToken);

    /// <summary>It is kept and no longer tried; what comes after it in its referral is free.</summary>
    /// <returns>How many events: none, if the lease ran out and another has it.</returns>
    public Task<int> GiveUpAsync(string webhook, WebhookEvent told, string code, CancellationToken cancellationToken)
        => RunBothAsync(_sql.GiveUp, _sql.FreeNext, Key(webhook, told).Add("code", code).Add("replica", database.Replica), cancellationToken);

    /// <summary>What was put off is free now: the receiver is back. How many events it were.</summary>
    public Task<int> HastenAsync(string webhook, CancellationToken cancellationToken) => RunAsync(_sql.Hasten, new Values().Add("webhook", webhook), cancellationToken);

    /// <summary>What was given up is tried again; how many events it are.</summary>
    public Task<int> TakeUpAgainAsync(string webhook, CancellationToken cancellationToken) => RunAsync(WebhookStatements.TakeUpAgain, new Values().Add("webhook", webhook), cancellationToken);

    /// <summary>What is not told, by webhook; those that have been told everything are not in it. Those that are not configured any more are: their events wait until they are again.</summary>
    public async Task<IReadOnlyList<WebhookBacklog>> OldestAsync(CancellationToken cancellationToken)
        => await database.ReadAsync(session => BacklogsAsync(session, cancellationToken), cancellationToken);

    /// <summary>The same within a transaction.</summary>
    public static Task<List<WebhookBacklog>> BacklogsAsync(LedgerSession session, CancellationToken cancellationToken)
        => session.ReadRowsAsync(WebhookStatements.Backlogs, new Values(),
            row => new WebhookBacklog(row.GetString(0), row.GetInt64(1), row.InstantOrNull(2), row.GetInt64(3), row.InstantOrNull(4)), cancellationToken);

    private static Values Key(string webhook, WebhookEvent told)
        => new Values().Add("webhook", webhook).Add("id", told.Event.Referral).Add("sequence", told.Event.Entry.Sequence);

    /// <summary>The second only if the first found its row, in one transaction: else the referral's other events could be left waiting for one that is gone.</summary>
    private Task<int> RunBothAsync(string first, string second, Values values, CancellationToken cancellationToken)
        => database.WriteAsync(
            async session =>
            {
                var found = await session.ExecuteAsync(first, values, cancellationToken);
                if (found > 0) await session.ExecuteAsync(second, values, cancellationToken);
                return found;
            },
            cancellationToken);

    private Task<int> RunAsync(string sql, Values values, CancellationToken cancellationToken)
        => database.WriteSinglyAsync(session => session.ExecuteAsync(sql, values, cancellationToken), cancellationToken);
}
