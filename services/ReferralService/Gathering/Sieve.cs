namespace ReferralService.Gathering;

/// <summary>Why a resource does not belong to the record.</summary>
/// <param name="Code">Of <see cref="GapReason"/>.</param>
/// <param name="Asked">The search did ask for it; else the server did not apply the search's filter.</param>
internal sealed record SieveReason(string Code, bool Asked)
{
    public static readonly SieveReason EnteredInError = new(GapReason.EnteredInError, Asked: true);
    public static readonly SieveReason Cancelled = new(GapReason.Cancelled, Asked: true);
    public static readonly SieveReason OutsideWindow = new(GapReason.OutsideWindow, Asked: false);
    public static readonly SieveReason NotCurrent = new(GapReason.NotCurrent, Asked: false);
}

/// <summary>What of a search's hits belongs to the record: the search's own filters once more, because a server may ignore them.</summary>
internal sealed record Sieve
{
    /// <summary>Passes whatever was asked for by name: only what must not travel at all is kept out.</summary>
    public static readonly Sieve Named = new();

    /// <summary>What ended before is outside the window; what has no date is inside.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Wanted statuses; empty: any. What has none passes.</summary>
    public IReadOnlyList<string> Status { get; init; } = [];

    /// <summary>Wanted clinical statuses; empty: any. What has none passes.</summary>
    public IReadOnlyList<string> ClinicalStatus { get; init; } = [];

    /// <summary>Null when it belongs to the record.</summary>
    public SieveReason? WhyNot(ClinicalFacts facts)
    {
        if (facts.EnteredInError) return SieveReason.EnteredInError;
        if (facts.Status == "cancelled") return SieveReason.Cancelled;
        if (NotBefore is { } start && facts.Latest < start) return SieveReason.OutsideWindow;
        if (Status.Count > 0 && facts.Status is { } status && !Status.Contains(status, StringComparer.Ordinal)) return SieveReason.NotCurrent;
        bool current = ClinicalStatus.Count == 0 || facts.ClinicalStatus.Count == 0 || facts.ClinicalStatus.Any(s => ClinicalStatus.Contains(s, StringComparer.Ordinal));
        return current ? null : SieveReason.NotCurrent;
    }
}
