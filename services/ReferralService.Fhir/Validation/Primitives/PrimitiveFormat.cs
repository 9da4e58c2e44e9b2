using System.Buffers;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation.Primitives;

/// <summary>R4's rules for a primitive's text (datatypes.html), by hand instead of by its regular expressions: a record has very many.</summary>
internal static class PrimitiveFormat
{
    /// <summary>R4: a string shall not be longer (datatypes.html#string).</summary>
    public const int LongestString = 1024 * 1024;

    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\n\v\f\r"u8);
    private static readonly SearchValues<byte> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);

    /// <param name="text">Not empty, its escapes undone.</param>
    public static bool IsText(PrimitiveKind kind, ReadOnlySpan<byte> text) => kind switch
    {
        PrimitiveKind.String or PrimitiveKind.Markdown or PrimitiveKind.Xhtml => true,
        PrimitiveKind.Code => IsCode(text),
        PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Canonical => !text.ContainsAny(WhiteSpace),
        PrimitiveKind.Id => text.Length <= 64 && !text.ContainsAnyExcept(IdCharacters),
        PrimitiveKind.Date => DateFormat.IsDate(text),
        PrimitiveKind.DateTime => DateFormat.IsDateTime(text),
        PrimitiveKind.Instant => DateFormat.IsInstant(text),
        PrimitiveKind.Time => DateFormat.IsTime(text),
        PrimitiveKind.Base64Binary => Base64Text.IsWhole(text),
        PrimitiveKind.Oid => IsOid(text),
        PrimitiveKind.Uuid => IsUuid(text),
        _ => false,
    };

    /// <param name="digits">A JSON number as written.</param>
    public static bool IsNumber(PrimitiveKind kind, ReadOnlySpan<byte> digits) => kind switch
    {
        // What JSON calls a number is what R4 calls a decimal.
        PrimitiveKind.Decimal => true,
        PrimitiveKind.Integer => IsWhole(digits, least: int.MinValue),
        PrimitiveKind.UnsignedInt => digits[0] != (byte)'-' && IsWhole(digits, least: 0),
        PrimitiveKind.PositiveInt => IsWhole(digits, least: 1),
        _ => false,
    };

    /// <summary>Whether a text that was written with escapes holds a control character other than the three R4 lets stand.</summary>
    public static bool HasControl(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r')) return true;
        return false;
    }

    private static bool IsWhole(ReadOnlySpan<byte> digits, long least)
        => digits.Length <= 11 && System.Buffers.Text.Utf8Parser.TryParse(digits, out long value, out int used) && used == digits.Length
            && value >= least && value <= int.MaxValue;

    private static bool IsCode(ReadOnlySpan<byte> text)
    {
        bool space = true;
        int at = text.IndexOfAny(WhiteSpace);
        if (at < 0) return true;
        foreach (byte b in text)
        {
            bool white = b is (>= 9 and <= 13) or (byte)' ';
            if (white && space) return false;
            space = white;
        }

        return !space;
    }

    private static bool IsOid(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("urn:oid:"u8)) return false;
        text = text["urn:oid:"u8.Length..];
        if (text.Length < 3 || text[0] is not (>= (byte)'0' and <= (byte)'2')) return false;
        text = text[1..];
        while (text.Length > 0)
        {
            if (text[0] != (byte)'.') return false;
            text = text[1..];
            int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits < 0) digits = text.Length;
            if (digits == 0 || (digits > 1 && text[0] == (byte)'0')) return false;
            text = text[digits..];
        }

        return true;
    }

    private static bool IsUuid(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("urn:uuid:"u8) || text.Length != "urn:uuid:"u8.Length + 36) return false;
        text = text["urn:uuid:"u8.Length..];
        for (int i = 0; i < text.Length; i++)
        {
            bool dash = i is 8 or 13 or 18 or 23;
            if (dash ? text[i] != (byte)'-' : text[i] is not ((>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f'))) return false;
        }

        return true;
    }
}
