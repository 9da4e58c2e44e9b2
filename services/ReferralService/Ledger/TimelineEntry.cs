namespace ReferralService.Ledger;

/// <summary>One line of a referral's timeline: a status event (with sequence and id) or a note (without).</summary>
/// <param name="Sequence">1, 2, 3 … without gaps for events; null for notes.</param>
/// <param name="EventId">UUIDv5 of referral, sequence and instant, the same however often the transition is computed; null for notes.</param>
/// <param name="Event">Without prefix, e.g. <c>delivered</c>; for a note its code, e.g. <c>attempt-failed</c>.</param>
/// <param name="State">The referral's state after it.</param>
/// <param name="Detail">More codes and numbers, e.g. status, progress, pages; never a record's content. Null when there is nothing.</param>
internal sealed record TimelineEntry(
    int? Sequence,
    Guid? EventId,
    string Event,
    DateTimeOffset At,
    ReferralState State,
    string? Recipient,
    int Attempt,
    Guid? PackageId,
    string? PackageDigest,
    int? Entries,
    string? ErrorCode,
    DateTimeOffset? NextAttemptAt,
    IReadOnlyDictionary<string, string>? Detail);
