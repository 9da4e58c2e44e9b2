namespace ReferralService.Ledger;

/// <summary>How a hint came.</summary>
internal enum NoticeSource { Hook, Topic, Poll, Reread }

/// <summary>A hint that an order may have changed.</summary>
/// <param name="Version">versionId if the hint told one.</param>
internal sealed record NoticeHint(string Ehr, string OrderId, string? Version, NoticeSource Source, string? TraceParent = null);

/// <summary>A notice to be worked on. There is one row per (EHR, order); a hint that comes while it is worked on raises <see cref="Generation"/>, and closing an older generation leaves it due.</summary>
internal sealed record ClaimedNotice(string Ehr, string OrderId, string? Version, long Generation, int Tries, DateTimeOffset FirstSeenAt, NoticeSource Source, string? TraceParent);

/// <summary>A sweep to be run: from where, and whether orders before it may be taken.</summary>
/// <param name="OnOurClock">The cursor is an instant of our clock (the first start's), to be translated to the EHR's.</param>
internal sealed record ClaimedSweep(string Ehr, DateTimeOffset Cursor, long Fence, bool OnOurClock);

/// <summary>What one poll page saw of an order; versions already seen are no news.</summary>
internal sealed record SweptOrder(string OrderId, string? Version);
