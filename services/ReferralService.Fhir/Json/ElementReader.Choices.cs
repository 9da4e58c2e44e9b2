using System.Text;

namespace ReferralService.Fhir.Json;

/// <summary>Choice elements (<c>value[x]</c>), rendered as what a person reads; what has no short form is passed over.</summary>
public ref partial struct ElementReader
{
    /// <summary>A rendered text is cut here; a number that is longer has no short form, for half a number would be another one.</summary>
    private const int LongestText = 200;
    private const int LongestNumber = 40;

    /// <summary>Of a choice of dates: dateTime, instant or date as written, of a Period its start (else its end); null for Timing, Age, Range and free text.</summary>
    public string? ChoiceDate(ReadOnlySpan<byte> stem)
    {
        if (Suffix(stem) is "DateTime" or "Instant" or "Date") return Text();
        if (Suffix(stem) is "Period") return Period() is var (start, end) ? start ?? end : null;
        Skip();
        return null;
    }

    /// <summary>Of a choice of values: a number's digits exactly as written, its unit behind.</summary>
    public string? ChoiceValue(ReadOnlySpan<byte> stem)
    {
        switch (Suffix(stem))
        {
            case "Quantity" or "Age" or "Count" or "Duration" or "Money":
                return Quantity();
            case "CodeableConcept":
                return Short(Concept()?.Label);
            case "String" or "DateTime" or "Date" or "Time" or "Instant" or "Code" or "Markdown":
                return Short(Text());
            case "Boolean":
                return Boolean() is { } truth ? truth ? "true" : "false" : null;
            case "Integer" or "Decimal" or "PositiveInt" or "UnsignedInt":
                return ShortNumber(Number());
            case "Range":
                return Pair("low"u8, "high"u8, " – ");
            case "Ratio":
                return Pair("numerator"u8, "denominator"u8, " : ");
            case "Period":
                return Period() is var (start, end) ? $"{start} – {end}".Trim() : null;
            default:
                Skip();
                return null;
        }
    }

    /// <summary>Comparator, digits as written, unit (else its code): <c>&lt;0.010 kU/L</c>. Null without a value.</summary>
    public string? Quantity()
    {
        if (!Enter()) return null;
        string? comparator = null, value = null, unit = null, code = null;
        while (Next())
        {
            if (Is("value"u8)) value = ShortNumber(Number());
            else if (Is("comparator"u8)) comparator = Text();
            else if (Is("unit"u8)) unit = Short(Text());
            else if (Is("code"u8)) code = Short(Text());
            else Skip();
        }

        return value is null ? null : $"{comparator}{value} {unit ?? code}".TrimEnd();
    }

    public (string? Start, string? End)? Period()
    {
        if (!Enter()) return null;
        string? start = null, end = null;
        while (Next())
        {
            if (Is("start"u8)) start = Text();
            else if (Is("end"u8)) end = Text();
            else Skip();
        }

        return (start, end);
    }

    private string? Pair(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, string between)
    {
        if (!Enter()) return null;
        string? one = null, two = null;
        while (Next())
        {
            if (Is(first)) one = Quantity();
            else if (Is(second)) two = Quantity();
            else Skip();
        }

        return one is null && two is null ? null : $"{one}{between}{two}".Trim();
    }

    private readonly string Suffix(ReadOnlySpan<byte> stem) => Encoding.UTF8.GetString(_reader.ValueSpan[Math.Min(stem.Length, _reader.ValueSpan.Length)..]);

    private static string? ShortNumber(string? digits) => digits is { Length: <= LongestNumber } ? digits : null;

    private static string? Short(string? text)
    {
        if (text is null || text.Length <= LongestText) return text;
        int end = char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText;
        return text[..end] + "…";
    }
}
