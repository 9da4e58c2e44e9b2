namespace ReferralService.Gathering;

/// <summary>What a server says it searched by (R4 search.html#conformance: the self link carries the parameters that were used).</summary>
internal static class SelfLink
{
    /// <summary>Which of the filters asked for it left out, none when it does not say (no link, an opaque one); and whether it says that it did not search by the
    /// patient, under either of the parameter's names and with whatever modifier.</summary>
    public static (IReadOnlyList<string> Ignored, bool IgnoresPatient) Read(string? self, IReadOnlyList<string> filters)
    {
        if (Used(self, filters) is not { } used) return ([], false);
        return ([.. filters.Where(f => !used.Contains(f))], filters.Any(IsPatient) && !used.Any(IsPatient));
    }

    /// <summary>Which of the filters asked for it left out.</summary>
    public static IReadOnlyList<string> Ignored(string? self, IReadOnlyList<string> filters) => Read(self, filters).Ignored;

    private static bool IsPatient(string name) => name.Split(':', '.')[0] is "patient" or "subject";

    /// <summary>Null where the link does not say.</summary>
    private static HashSet<string>? Used(string? self, IReadOnlyList<string> filters)
    {
        int question = self?.IndexOf('?', StringComparison.Ordinal) ?? -1;
        if (question < 0) return null;

        var used = self![(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => Uri.UnescapeDataString(pair.Split('=')[0])).ToHashSet(StringComparer.Ordinal);

        // A link with nothing of ours in it (a token, say) tells nothing.
        return used.Contains("_count") || filters.Any(used.Contains) ? used : null;
    }
}
