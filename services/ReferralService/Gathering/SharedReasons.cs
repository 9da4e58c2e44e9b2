namespace ReferralService.Gathering;

/// <summary>The reasons of a record's resources: sorted, each once, bounded; the thousands that have the same reasons share them. Not safe from several threads.</summary>
internal sealed class SharedReasons
{
    /// <summary>Reasons kept of one resource: the first in order, whatever came first in time.</summary>
    private const int MostReasons = 8;

    private readonly Dictionary<(IReadOnlyList<InclusionReason> Before, InclusionReason More), InclusionReason[]> _shared = [];
    private readonly HashSet<IReadOnlyList<InclusionReason>> _isShared = [];

    /// <returns>The same list when there is nothing to add.</returns>
    public IReadOnlyList<InclusionReason> With(IReadOnlyList<InclusionReason> reasons, InclusionReason reason)
    {
        // Rules repeat; what a reference gives as its reason is its own.
        if (reason.From is not null || (reasons.Count > 0 && !_isShared.Contains(reasons))) return Inserted(reasons, reason);
        if (reasons.Count == 0) reasons = [];
        if (_shared.TryGetValue((reasons, reason), out var known)) return known;
        var more = Inserted(reasons, reason);
        if (more is not InclusionReason[] made || ReferenceEquals(more, reasons)) return more;
        _shared.Add((reasons, reason), made);
        _isShared.Add(made);
        return made;
    }

    private static IReadOnlyList<InclusionReason> Inserted(IReadOnlyList<InclusionReason> reasons, InclusionReason reason)
    {
        int at = 0;
        for (; at < reasons.Count; at++)
        {
            int order = string.CompareOrdinal(reasons[at].Rule, reason.Rule) is var byRule and not 0 ? byRule : string.CompareOrdinal(reasons[at].From, reason.From);
            if (order == 0) return reasons;
            if (order > 0) break;
        }

        if (at >= MostReasons) return reasons;
        var more = new InclusionReason[Math.Min(reasons.Count + 1, MostReasons)];
        for (int i = 0; i < more.Length; i++) more[i] = i < at ? reasons[i] : i == at ? reason : reasons[i - 1];
        return more;
    }
}
