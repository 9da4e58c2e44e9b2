using ReferralService.Packaging.Lines;
using ReferralService.Packaging.Sections;

namespace ReferralService.Packaging.Authored;

/// <summary>A section as a person reads it: what, when, what came of it, how sure.</summary>
internal static class SectionNarrative
{
    /// <summary>Most lines of one section's table; the entries themselves are all there.</summary>
    public const int MaxLines = 200;

    public static Narrative Of(Section section)
    {
        var rows = section.Lines.Select(e => Row(e, section.Kind)).ToList();
        var narrative = new Narrative().Table(["What", "Date", section.Kind.Value, "Status"], rows);
        int more = section.Entries.Count - rows.Count;
        if (more > 0) narrative.Paragraph($"… and {more} more");
        foreach (string words in section.Words.Take(MaxLines)) narrative.Paragraph(words);
        return narrative;
    }

    /// <summary>Where things of any kind stand together, each says what it is.</summary>
    private static string?[] Row(SectionEntry entry, SectionKind kind)
    {
        string type = entry.Entry.Resource.Key.Type;
        string what = entry.Line.Label is not { } label ? type : kind == SectionKind.Supporting ? $"{type}: {label}" : label;
        return [what, DateText.Of(entry.Line.Date), entry.Line.Value, entry.Line.Status];
    }
}
