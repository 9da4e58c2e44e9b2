namespace ReferralService.Ledger;

/// <summary>How a hint came.</summary>
internal enum NoticeSource { Hook, Topic, Poll, Reread }

/// <summary>A hint that an order may have changed.</summary>
/// <param name="Version">versionId if the hint told one.</param>
internal sealed record NoticeHint(string Ehr, string OrderId, string? Version, NoticeSource Source, string? TraceParent = null);

/// <summary>A notice to be worked on. There is one row per (EHR, order); a hint that comes while it is worked on raises <see cref="Generation"/>, and closing an older generation leaves it due.</summary>
internal sealed record ClaimedNotice(string Ehr, string OrderId, string? Version, long Generation, int Tries, DateTimeOffset FirstSeenAt, NoticeSource Source, string? TraceParent);

/// <summary>A sweep to be run: from where, and whether orders before it may be taken.</summary>
internal sealed record ClaimedSweep(string Ehr, DateTimeOffset Cursor, long Fence);

/// <summary>What one poll page saw of an order; versions already seen are no news.</summary>
internal sealed record SweptOrder(string OrderId, string? Version);

/// <summary>Notices and sweeps: what the outside told, until it has been looked into.</summary>
internal sealed class NoticeBook
{
    /// <summary>Stores hints in one transaction; returns when durable.</summary>
    public Task RecordAsync(IReadOnlyList<NoticeHint> hints, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A hook that named nothing: one sweep of this EHR becomes due now; many of them are still one.</summary>
    public Task RecordSweepDueAsync(string ehr, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Leases due notices, oldest first, none of the EHRs named full.</summary>
    public Task<IReadOnlyList<ClaimedNotice>> ClaimAsync(int most, TimeSpan lease, IReadOnlyCollection<string> fullEhrs, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>Closes a notice with its outcome: <c>created</c>, <c>joined</c>, or <c>ignored</c> and the reason. A newer generation stays due.</summary>
    public Task CloseAsync(ClaimedNotice notice, string outcome, string? reason, string? version, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Could not be looked into: due again then.</summary>
    public Task DeferAsync(ClaimedNotice notice, DateTimeOffset dueAt, string code, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Makes sure an EHR's cursor exists; the first start begins at <paramref name="begin"/>.</summary>
    public Task OpenCursorAsync(string ehr, DateTimeOffset begin, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Leases an EHR's sweep if it is due: a hook asked for it, or <paramref name="interval"/> (if not zero) has passed since the last one began. Null: not due, or another replica has it.</summary>
    public Task<ClaimedSweep?> ClaimSweepAsync(string ehr, TimeSpan interval, TimeSpan lease, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stores what one page saw: a notice for every order whose version is new. The cursor does not move.</summary>
    public Task RecordSweepPageAsync(ClaimedSweep sweep, IReadOnlyList<SweptOrder> page, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Every page is stored: the cursor moves to <paramref name="cursor"/>.</summary>
    public Task CompleteSweepAsync(ClaimedSweep sweep, DateTimeOffset cursor, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The sweep failed: due again then, from the same cursor.</summary>
    public Task DeferSweepAsync(ClaimedSweep sweep, DateTimeOffset dueAt, CancellationToken cancellationToken) => throw new NotImplementedException();
}
