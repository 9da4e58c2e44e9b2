using System.Buffers;
using System.Text;

namespace ReferralService.Packaging.Lines;

/// <summary>Makes text of a record fit for one cell of a narrative: one line, bounded, nothing that XML forbids or that hides what stands beside it.</summary>
internal static class ReadableText
{
    /// <summary>Longest text, in UTF-16 units, before it is cut and ended with an ellipsis.</summary>
    public const int MaxLength = 200;

    /// <summary>Printable ASCII: most of what is ever read, and nothing in it needs a second look.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)));

    /// <summary>Null when nothing readable is left.</summary>
    public static string? Of(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return null;
        bool plain = text.Length <= MaxLength && text[0] != ' ' && text[^1] != ' ' && !text.ContainsAnyExcept(Plain) && !text.Contains("  ", StringComparison.Ordinal);
        return plain ? text.ToString() : Cleaned(text);
    }

    /// <summary>Cuts what was put together of readable parts.</summary>
    public static string Cut(string text) => text.Length <= MaxLength ? text : Cleaned(text)!;

    private static string? Cleaned(ReadOnlySpan<char> text)
    {
        Span<char> line = stackalloc char[MaxLength + 1];
        int length = 0;
        bool space = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                space = length > 0;
                continue;
            }

            if (IsHidden(rune)) continue;
            if (length + rune.Utf16SequenceLength + (space ? 1 : 0) > MaxLength)
            {
                line[length++] = '…';
                break;
            }

            if (space) line[length++] = ' ';
            space = false;
            length += rune.EncodeToUtf16(line[length..]);
        }

        return length > 0 ? line[..length].ToString() : null;
    }

    /// <summary>Overrides of direction would reorder what follows them; noncharacters are no XML. Letters of any script stay.</summary>
    private static bool IsHidden(Rune rune)
        => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF || (rune.Value & 0xFFFE) == 0xFFFE;
}
