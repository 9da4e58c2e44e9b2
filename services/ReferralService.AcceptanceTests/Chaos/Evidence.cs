using ReferralService.AcceptanceTests.Chaos.Truth;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Everything the invariants judge: what really happened, and what the service says of it. Collected once all is quiet.</summary>
internal sealed record Evidence
{
    public IReadOnlyList<OrderFact> Orders { get; init; } = [];
    public IReadOnlyList<TriggerFact> Triggers { get; init; } = [];
    public IReadOnlyList<EffectFact> Effects { get; init; } = [];
    public IReadOnlyList<ReferralRow> Referrals { get; init; } = [];
    public IReadOnlyList<TimelineRow> Timeline { get; init; } = [];
    public IReadOnlyList<NoticeRow> Notices { get; init; } = [];

    /// <summary>In the order in which a plain client heard them; null where the set-up has no broker.</summary>
    public IReadOnlyList<HeardFact>? Heard { get; init; }

    /// <summary>The poll's cursor, read right after a kill, with the orders the ledger knew at that moment.</summary>
    public IReadOnlyList<CursorReading> Cursors { get; init; } = [];

    public IReadOnlyList<Leak> Leaks { get; init; } = [];

    /// <summary>By package id: what its manifest says.</summary>
    public IReadOnlyDictionary<string, PackageContent> Packages { get; init; } = new Dictionary<string, PackageContent>();

    public IReadOnlyList<LatencySample> Latencies { get; init; } = [];
    public IReadOnlyList<ResourceSample> Resources { get; init; } = [];

    /// <summary>Requests that went wrong, at the partners' side.</summary>
    public IReadOnlyList<FailedRequest> Failures { get; init; } = [];

    public IReadOnlyList<Drain> Drains { get; init; } = [];
    public IReadOnlyList<Naming> Namings { get; init; } = [];
}

/// <summary>A row of table <c>referral</c>.</summary>
internal sealed record ReferralRow(
    long Number, string Id, string Order, string? Recipient, string State, string? ErrorCode, int Attempt, int Sequence, string? PackageId, string? PackageDigest, bool OutcomeUnknown);

/// <summary>A row of table <c>timeline</c>. Sequence null: a note, not an event.</summary>
internal sealed record TimelineRow(long Referral, long Revision, int Position, int? Sequence, string? EventId, string Event, string State, string? PackageId);

/// <summary>A row of table <c>notice</c>.</summary>
internal sealed record NoticeRow(string Order, bool Due, string? Outcome);

internal sealed record HeardFact(string Id, string Referral, int Sequence, string Type, string Text);

internal sealed record CursorReading(DateTimeOffset Cursor, IReadOnlySet<string> Known);

/// <param name="Place">Where a marker was found: <c>log</c>, <c>queue</c>, <c>column referral.error_message</c>, <c>file spool/…</c>.</param>
internal sealed record Leak(string Place);

/// <param name="Included">Keys <c>Type/id</c> at the EHR.</param>
/// <param name="Omitted">Keys that the manifest says are missing, each with its reason there.</param>
internal sealed record PackageContent(IReadOnlySet<string> Included, IReadOnlySet<string> Omitted);

/// <param name="Beside">The partner that was in trouble meanwhile; null: none.</param>
/// <param name="Took">Null: it did not come in the time that was waited.</param>
internal sealed record LatencySample(string Recipient, string? Beside, TimeSpan? Took);

/// <param name="Life">Which process: memory is compared within one life only.</param>
/// <param name="Steady">Taken under even load, so that the memory may be compared with others of its life.</param>
internal sealed record ResourceSample(string Life, TimeSpan At, long ResidentBytes, long WalBytes, int Descriptors, bool Steady);

internal sealed record FailedRequest(string Partner, string Line, DateTimeOffset At);

/// <param name="Left">What was still unfinished when waiting ended: 0 is drained.</param>
internal sealed record Drain(string Phase, TimeSpan Took, int Left);

/// <param name="After">How long after the fault a replica's health named it; null: not at all.</param>
internal sealed record Naming(string Fault, TimeSpan? After);
