namespace ReferralService.Gathering;

/// <summary>What a server says it searched by (R4 search.html#conformance: the self link carries the parameters that were used).</summary>
internal static class SelfLink
{
    /// <summary>Which of the filters asked for it left out; none when it does not say (no link, an opaque one).</summary>
    public static IReadOnlyList<string> Ignored(string? self, IReadOnlyList<string> filters)
    {
        int question = self?.IndexOf('?', StringComparison.Ordinal) ?? -1;
        if (question < 0) return [];

        var used = self![(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => Uri.UnescapeDataString(pair.Split('=')[0])).ToHashSet(StringComparer.Ordinal);

        // A link with nothing of ours in it (a token, say) tells nothing.
        if (!used.Contains("_count") && !filters.Any(used.Contains)) return [];
        return [.. filters.Where(f => !used.Contains(f))];
    }
}
