using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ReferralService.Fhir.Json;

/// <summary>What may stand between the quotes of a JSON string, and how to write it.</summary>
internal static class JsonStrings
{
    private static readonly SearchValues<char> MustEscape = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 0x20).Select(c => (char)c)) + "\"\\");

    private static readonly SearchValues<byte> MustEscapeBytes = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    /// <summary>Text up to this is written in one piece of room for the longest it could become.</summary>
    private const int Piece = 4096;

    /// <summary>Whether a string token is text at all: <see cref="Utf8JsonReader"/> looks at neither the UTF-8 nor the surrogates of what it passes over.</summary>
    /// <param name="raw">Between the quotes, escapes not undone.</param>
    public static bool IsText(ReadOnlySpan<byte> raw, bool escaped) => Utf8.IsValid(raw) && (!escaped || EscapesAreText(raw));

    private static bool EscapesAreText(ReadOnlySpan<byte> raw)
    {
        for (int at; (at = raw.IndexOf((byte)'\\')) >= 0;)
        {
            if (raw[at + 1] != (byte)'u')
            {
                raw = raw[(at + 2)..];
                continue;
            }

            int unit = CodeUnit(raw[(at + 2)..]);
            raw = raw[(at + 6)..];
            if (unit == 0 || char.IsLowSurrogate((char)unit)) return false;
            if (!char.IsHighSurrogate((char)unit)) continue;
            if (!raw.StartsWith("\\u"u8) || !char.IsLowSurrogate((char)CodeUnit(raw[2..]))) return false;
            raw = raw[6..];
        }

        return true;
    }

    /// <summary>The four hexadecimal digits of an escape, which the tokenizer has seen to be there.</summary>
    public static int CodeUnit(ReadOnlySpan<byte> digits)
        => Utf8Parser.TryParse(digits[..4], out ushort unit, out int used, 'x') && used == 4
            ? unit
            : int.Parse(digits[..4], NumberStyles.AllowHexSpecifier);

    /// <summary>Undoes the escapes of a string's inside.</summary>
    /// <param name="raw">Between the quotes.</param>
    /// <param name="text">At least as long as <paramref name="raw"/>.</param>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> text)
    {
        int length = 0;
        while (raw.Length > 0)
        {
            int at = raw.IndexOf((byte)'\\');
            var plain = at < 0 ? raw : raw[..at];
            plain.CopyTo(text[length..]);
            length += plain.Length;
            if (at < 0) break;
            length += UnescapeOne(raw[at..], text[length..], out int used);
            raw = raw[(at + used)..];
        }

        return length;
    }

    /// <summary>Undoes the one escape (or surrogate pair) that <paramref name="raw"/> begins with; returns the UTF-8 bytes written.</summary>
    public static int UnescapeOne(ReadOnlySpan<byte> raw, Span<byte> text, out int used)
    {
        used = 2;
        if (raw[1] != (byte)'u')
        {
            text[0] = raw[1] switch { (byte)'n' => 10, (byte)'t' => 9, (byte)'r' => 13, (byte)'b' => 8, (byte)'f' => 12, var same => same };
            return 1;
        }

        used = 6;
        char unit = (char)CodeUnit(raw[2..]);
        if (!char.IsSurrogate(unit)) return new Rune(unit).EncodeToUtf8(text);
        if (raw.Length < 12 || !raw[6..].StartsWith("\\u"u8) || !Rune.TryCreate(unit, (char)CodeUnit(raw[8..]), out var rune))
            return Rune.ReplacementChar.EncodeToUtf8(text);
        used = 12;
        return rune.EncodeToUtf8(text);
    }

    /// <summary>Writes the inside of a JSON string: as UTF-8, escaped only where JSON demands it.</summary>
    public static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            int at = text.IndexOfAny(MustEscape);
            var plain = at < 0 ? text : text[..at];
            if (plain.Length <= Piece) output.Advance(Encoding.UTF8.GetBytes(plain, output.GetSpan(Encoding.UTF8.GetMaxByteCount(plain.Length))));
            else Encoding.UTF8.GetBytes(plain, output);
            if (at < 0) return;
            output.Write(Escape(text[at]));
            text = text[(at + 1)..];
        }
    }

    /// <summary>The same for what is UTF-8 already.</summary>
    public static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            int at = text.IndexOfAny(MustEscapeBytes);
            output.Write(at < 0 ? text : text[..at]);
            if (at < 0) return;
            output.Write(Escape((char)text[at]));
            text = text[(at + 1)..];
        }
    }

    private static ReadOnlySpan<byte> Escape(char c) => c switch
    {
        '"' => "\\\""u8,
        '\\' => "\\\\"u8,
        '\n' => "\\n"u8,
        '\r' => "\\r"u8,
        '\t' => "\\t"u8,
        _ => Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"),
    };

    /// <summary>Writes a whole JSON string, quotes and all.</summary>
    public static void WriteQuoted(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        WriteEscaped(output, text);
        output.Write("\""u8);
    }
}
