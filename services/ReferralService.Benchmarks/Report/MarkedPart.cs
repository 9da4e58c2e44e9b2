namespace ReferralService.Benchmarks.Report;

/// <summary>The part of a document that a run writes; what stands around it is written by people.</summary>
internal static class MarkedPart
{
    public const string Begin = "<!-- figures: begin -->";
    public const string End = "<!-- figures: end -->";

    /// <summary>Before half an hour is spent on what cannot be written.</summary>
    /// <exception cref="ArgumentException">There is no such document, or it has no such part.</exception>
    public static void Check(string file)
    {
        try
        {
            Replace(File.ReadAllText(file), "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BrokenRunException)
        {
            throw new ArgumentException($"--write {file}: {e.Message}", e);
        }
    }

    /// <exception cref="BrokenRunException">The document has not exactly one such part.</exception>
    public static string Replace(string document, string text)
    {
        int begin = document.IndexOf(Begin, StringComparison.Ordinal), end = document.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin || document.LastIndexOf(Begin, StringComparison.Ordinal) != begin || document.LastIndexOf(End, StringComparison.Ordinal) != end)
        {
            throw new BrokenRunException($"The document needs one pair of lines '{Begin}' and '{End}'.");
        }

        return $"{document[..(begin + Begin.Length)]}\n{text.Trim()}\n{document[end..]}";
    }
}
