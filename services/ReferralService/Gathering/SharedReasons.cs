namespace ReferralService.Gathering;

/// <summary>The reasons of a record's resources: sorted, each once; the thousands that have the same reasons share them. Not safe from several threads.</summary>
internal sealed class SharedReasons
{
    /// <summary>
    /// References told of one resource: the first in order, whatever came first in time. A hospital is named by every result. What a search,
    /// a plan or the order gives as its reason is told always: it makes the resource part of the record by itself, and there are only as many as rules.
    /// </summary>
    public const int MostReferences = 8;

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

        int dropped = -1;
        if (reason.From is not null && reasons.Count(r => r.From is not null) >= MostReferences)
        {
            dropped = reasons.Count - 1;
            while (reasons[dropped].From is null) dropped--;
            if (dropped < at) return reasons;
        }

        var more = new InclusionReason[dropped < 0 ? reasons.Count + 1 : reasons.Count];
        for (int i = 0, from = 0; i < more.Length; i++)
        {
            if (i == at)
            {
                more[i] = reason;
                continue;
            }

            if (from == dropped) from++;
            more[i] = reasons[from++];
        }

        return more;
    }
}
