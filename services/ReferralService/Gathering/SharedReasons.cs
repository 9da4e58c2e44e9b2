using ReferralService.Fhir.Resources;

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

    private readonly Dictionary<string, InclusionReason> _byRule = new(StringComparer.Ordinal);

    /// <summary>The same for a rule that no reference stands behind.</summary>
    public IReadOnlyList<InclusionReason> With(IReadOnlyList<InclusionReason> reasons, string rule)
    {
        if (!_byRule.TryGetValue(rule, out var reason)) _byRule.Add(rule, reason = new InclusionReason(rule, null));
        return With(reasons, reason);
    }

    /// <summary>Whether this one would be told beside those, or in the place of one of them.</summary>
    public static bool IsTold(IReadOnlyList<InclusionReason> reasons, string rule, ResourceKey from)
    {
        int told = 0, last = -1;
        for (int i = 0; i < reasons.Count; i++)
        {
            if (reasons[i].From is null) continue;
            told++;
            last = i;
        }

        if (told < MostReferences) return true;
        int order = string.CompareOrdinal(reasons[last].Rule, rule) is var byRule and not 0 ? byRule : Compare(reasons[last].From!, from);
        return order > 0;
    }

    /// <summary>As ordinal order has <c>Type/id</c>, which is not put together for it.</summary>
    private static int Compare(string written, ResourceKey key)
    {
        ReadOnlySpan<char> text = written;
        int type = text[..Math.Min(text.Length, key.Type.Length)].SequenceCompareTo(key.Type);
        if (type != 0) return type;
        text = text[key.Type.Length..];
        if (text.IsEmpty) return -1;
        return text[0] != '/' ? text[0] - '/' : text[1..].SequenceCompareTo(key.Id);
    }

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
