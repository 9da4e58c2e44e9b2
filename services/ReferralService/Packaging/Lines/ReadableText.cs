using System.Globalization;
using System.Text;

namespace ReferralService.Packaging.Lines;

/// <summary>Makes text of a record fit for one cell of a narrative: one line, bounded, nothing that XML forbids or that hides what stands beside it.</summary>
internal static class ReadableText
{
    /// <summary>Longest text, in UTF-16 units, before it is cut and ended with an ellipsis.</summary>
    public const int MaxLength = 200;

    /// <summary>Null when nothing readable is left.</summary>
    public static string? Of(ReadOnlySpan<char> text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        bool space = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                space = line.Length > 0;
                continue;
            }

            if (IsHidden(rune)) continue;
            if (line.Length + rune.Utf16SequenceLength + (space ? 1 : 0) > MaxLength) return line.Append('…').ToString();
            if (space) line.Append(' ');
            space = false;
            line.Append(rune.ToString());
        }

        return line.Length > 0 ? line.ToString() : null;
    }

    /// <summary>Overrides of direction would reorder what follows them; noncharacters are no XML. Letters of any script stay.</summary>
    private static bool IsHidden(Rune rune)
        => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF
            || (rune.Value & 0xFFFE) == 0xFFFE
            || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Surrogate;
}
