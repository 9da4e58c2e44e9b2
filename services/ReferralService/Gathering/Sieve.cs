namespace ReferralService.Gathering;

/// <summary>What of a search's hits belongs to the record: the search's own filters once more, because a server may ignore them.</summary>
internal sealed record Sieve
{
    /// <summary>Passes whatever was asked for by name: only what must not travel at all is kept out.</summary>
    public static readonly Sieve Named = new();

    /// <summary>What ended before is outside the window; what has no date is inside.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Wanted statuses; empty: any.</summary>
    public IReadOnlyList<string> Status { get; init; } = [];

    /// <summary>Wanted clinical statuses; empty: any. What has none passes.</summary>
    public IReadOnlyList<string> ClinicalStatus { get; init; } = [];

    /// <summary>Null when it belongs to the record; else why not.</summary>
    public SieveReason? WhyNot(ClinicalFacts facts)
    {
        if (facts.EnteredInError) return SieveReason.EnteredInError;
        if (facts.Status == "cancelled") return SieveReason.Cancelled;
        if (NotBefore is { } start && facts.Latest < start) return SieveReason.OutsideWindow;
        if (Status.Count > 0 && !Status.Contains(facts.Status, StringComparer.Ordinal)) return SieveReason.NotAsked;
        if (ClinicalStatus.Count > 0 && facts.ClinicalStatus.Count > 0 && !facts.ClinicalStatus.Any(s => ClinicalStatus.Contains(s, StringComparer.Ordinal)))
            return SieveReason.NotAsked;
        return null;
    }
}

internal enum SieveReason
{
    EnteredInError,
    Cancelled,

    /// <summary>Before the look-back: the server did not narrow by date.</summary>
    OutsideWindow,

    /// <summary>Of a status nobody asked for: the server did not narrow by it.</summary>
    NotAsked,
}
