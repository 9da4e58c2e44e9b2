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
        var narrative = new Narrative();
        Table(narrative, section);
        int more = section.Count - section.Lines;
        if (more > 0) narrative.Paragraph($"… and {more} more");
        foreach (string words in section.Words.Take(MaxLines)) narrative.Paragraph(words);
        return narrative;
    }

    /// <summary>Columns with no text in any row are left out; what it is stands in every row.</summary>
    private static void Table(Narrative narrative, Section section)
    {
        bool dates = false, values = false, statuses = false;
        for (int i = 0; i < section.Lines; i++)
        {
            var line = section.LineAt(i).Line;
            dates |= !line.Date.IsNothing;
            values |= !line.Value.IsNothing;
            statuses |= !line.Status.IsNothing;
        }

        narrative.BeginTable();
        narrative.Heading("What");
        if (dates) narrative.Heading("Date");
        if (values) narrative.Heading(section.Kind.Value);
        if (statuses) narrative.Heading("Status");
        narrative.BeginRows();
        var spoken = section.Spoken;
        for (int i = 0; i < section.Lines; i++)
        {
            var (entry, line) = section.LineAt(i);
            narrative.BeginRow();
            What(narrative, entry.Resource.Key.Type, section, line);
            if (dates) Cell(narrative, DateText.Of(line.Date, spoken), spoken);
            if (values) Cell(narrative, line.Value, spoken);
            if (statuses) Cell(narrative, line.Status, spoken);
            narrative.EndRow();
        }

        narrative.EndTable();
    }

    /// <summary>Where things of any kind stand together, each says what it is.</summary>
    private static void What(Narrative narrative, string type, Section section, ResourceLine line)
    {
        narrative.BeginCell();
        if (line.Label.IsNothing || section.Kind == SectionKind.Supporting) narrative.Text(type);
        if (!line.Label.IsNothing)
        {
            if (section.Kind == SectionKind.Supporting) narrative.Text(": "u8);
            narrative.Text(section.Spoken[line.Label]);
        }

        narrative.EndCell();
    }

    private static void Cell(Narrative narrative, Said said, SpokenText spoken)
    {
        narrative.BeginCell();
        narrative.Text(spoken[said]);
        narrative.EndCell();
    }
}
