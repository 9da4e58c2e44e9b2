namespace ReferralService.Ledger;

/// <summary>An event to be published, with what its body needs.</summary>
internal sealed record OutboxEvent(ReferralId Referral, string Ehr, string OrderId, TimelineEntry Entry, string? TraceParent);

/// <summary>Events not yet confirmed by the broker. Empty for ever with the in-memory bus: the timeline holds the events.</summary>
internal sealed class StatusOutbox
{
    /// <summary>Leases up to <paramref name="most"/> referrals that have unsent events and gives the lowest unsent event of each.</summary>
    public Task<IReadOnlyList<OutboxEvent>> ClaimAsync(int most, TimeSpan lease, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Forgets confirmed events and frees their referrals for the next event of each; one transaction.</summary>
    public Task ConfirmAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Frees referrals whose publish failed or is unknown; they are claimed again at once or after <paramref name="delay"/>.</summary>
    public Task ReleaseAsync(IReadOnlyList<OutboxEvent> events, TimeSpan delay, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>How many wait, and since when the oldest does.</summary>
    public Task<(long Count, DateTimeOffset? Oldest)> BacklogAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
