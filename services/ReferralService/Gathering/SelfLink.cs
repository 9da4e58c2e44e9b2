namespace ReferralService.Gathering;

/// <summary>What a server says it searched by (R4 search.html#conformance: the self link carries the parameters that were used).</summary>
internal static class SelfLink
{
    /// <summary>Which of the filters asked for it left out, none when it does not say (no link, an opaque one); and whether it says that it did not search by the
    /// patient, under either of the parameter's names and with whatever modifier.</summary>
    public static (IReadOnlyList<string> Ignored, bool IgnoresPatient) Read(string? self, IReadOnlyList<string> filters)
    {
        int question = self?.IndexOf('?', StringComparison.Ordinal) ?? -1;
        if (question < 0) return ([], false);
        var used = self.AsSpan(question + 1);

        // A link with nothing of ours in it (a token, say) tells nothing.
        bool says = Uses(used, static (name, _) => name is "_count", ""), asksPatient = false;
        List<string>? ignored = null;
        foreach (var filter in filters)
        {
            asksPatient |= IsPatient(filter);
            if (Uses(used, static (name, filter) => name.SequenceEqual(filter), filter)) says = true;
            else (ignored ??= []).Add(filter);
        }

        if (!says) return ([], false);
        return (ignored ?? (IReadOnlyList<string>)[], asksPatient && !Uses(used, static (name, _) => IsPatient(name), ""));
    }

    /// <summary>Which of the filters asked for it left out.</summary>
    public static IReadOnlyList<string> Ignored(string? self, IReadOnlyList<string> filters) => Read(self, filters).Ignored;

    /// <param name="name">With a modifier or a chain behind it, or without.</param>
    private static bool IsPatient(ReadOnlySpan<char> name)
    {
        int end = name.IndexOfAny(':', '.');
        return (end < 0 ? name : name[..end]) is "patient" or "subject";
    }

    /// <summary>Whether a name among a link's parameters is one of those.</summary>
    private static bool Uses(ReadOnlySpan<char> query, Func<ReadOnlySpan<char>, string, bool> isOne, string filter)
    {
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            if (pair.IsEmpty) continue;
            int equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            if (isOne(name.Contains('%') ? Uri.UnescapeDataString(name) : name, filter)) return true;
        }

        return false;
    }
}
