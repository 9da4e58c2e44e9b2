using System.Buffers;
using System.Text;
using ReferralService.Fhir.Json;

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
        if (plain) return text.ToString();
        Span<char> line = stackalloc char[MaxLength + 1];
        return Clean(text, line) is var length and > 0 ? line[..length].ToString() : null;
    }

    /// <summary>Of the string a reader stands on; a huge one is looked at no further than it is said.</summary>
    public static Said Of(ref readonly TokenReader reader, SpokenText words)
    {
        var raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped) return Of(raw, words);
        byte[] text = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            return Of(text.AsSpan(0, reader.CopyString(text)), words);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text, clearArray: true);
        }
    }

    public static Said Of(ReadOnlySpan<byte> utf8, SpokenText words)
    {
        if (utf8.IsEmpty) return default;
        bool plain = utf8.Length <= MaxLength && utf8[0] != (byte)' ' && utf8[^1] != (byte)' ' && !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~') && utf8.IndexOf("  "u8) < 0;
        return plain ? words.Add(utf8) : Cleaned(utf8, words);
    }

    /// <summary>Cuts what was put together of readable parts.</summary>
    public static Said Cut(Said said, SpokenText words)
    {
        if (said.Length <= MaxLength) return said;
        byte[] copy = words[said].ToArray();
        return Encoding.UTF8.GetCharCount(copy) <= MaxLength ? said : Cleaned(copy, words);
    }

    private static Said Cleaned(ReadOnlySpan<byte> utf8, SpokenText words)
    {
        char[] text = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            Span<char> line = stackalloc char[MaxLength + 1];
            return words.Add(line[..Clean(text.AsSpan(0, Encoding.UTF8.GetChars(utf8, text)), line)]);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text, clearArray: true);
        }
    }

    /// <summary>How long what is left is, in <paramref name="line"/>.</summary>
    private static int Clean(ReadOnlySpan<char> text, Span<char> line)
    {
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

        return length;
    }

    /// <summary>Overrides of direction would reorder what follows them; noncharacters are no XML. Letters of any script stay.</summary>
    private static bool IsHidden(Rune rune)
        => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF || (rune.Value & 0xFFFE) == 0xFFFE;
}
