using ReferralService.Packaging.Authored;

namespace ReferralService.Packaging.Sections;

/// <summary>A section while it is laid out: of every entry its date, and lines only of those that may be among the newest.</summary>
internal sealed class SectionDraft
{
    private readonly List<(PackageEntry Entry, string? Date)> _entries = [];
    private readonly List<SectionEntry> _lines = [];

    public void Add(SectionEntry entry)
    {
        _entries.Add((entry.Entry, Date(entry)));
        _lines.Add(entry);
        if (_lines.Count >= 4 * SectionNarrative.MaxLines) KeepNewest();
    }

    public Section Finish(SectionKind kind, IReadOnlyList<string> words)
    {
        KeepNewest();
        _entries.Sort(static (a, b) => NewestFirst(a.Entry, a.Date, b.Entry, b.Date));
        return new Section(kind, _entries.ConvertAll(e => e.Entry), _lines, words);
    }

    private void KeepNewest()
    {
        _lines.Sort(static (a, b) => NewestFirst(a.Entry, Date(a), b.Entry, Date(b)));
        if (_lines.Count > SectionNarrative.MaxLines) _lines.RemoveRange(SectionNarrative.MaxLines, _lines.Count - SectionNarrative.MaxLines);
    }

    /// <summary>What has no date last; the rest by where it comes from, so that the order is always the same.</summary>
    private static int NewestFirst(PackageEntry a, string? dateOfA, PackageEntry b, string? dateOfB)
    {
        int byDate = string.CompareOrdinal(dateOfB, dateOfA);
        return byDate != 0 ? byDate : a.Position.CompareTo(b.Position);
    }

    /// <summary>FHIR's dates sort as text; words ("at birth") are no date to sort by.</summary>
    private static string? Date(SectionEntry entry) => entry.Line.Date is [>= '0' and <= '9', ..] date ? date : null;
}
