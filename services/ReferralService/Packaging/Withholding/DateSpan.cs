using System.Globalization;

namespace ReferralService.Packaging.Withholding;

/// <summary>When something was, as far as its dates say: never earlier than <paramref name="Earliest"/>, never later than <paramref name="Latest"/>.</summary>
internal readonly record struct DateSpan(DateTimeOffset Earliest, DateTimeOffset Latest)
{
    /// <summary>Dates carry no zone: a day begins first at UTC+14 and ends last at UTC-12.</summary>
    private static readonly TimeSpan Easternmost = TimeSpan.FromHours(14), Westernmost = TimeSpan.FromHours(12);

    /// <summary>When it is over where it is over first: of a date 26 hours before it is over where it is over last.</summary>
    public DateTimeOffset EndsFirst => Latest == Earliest || Latest == DateTimeOffset.MaxValue ? Latest : Latest - Easternmost - Westernmost;

    public static DateSpan Always { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    /// <summary>Of a FHIR date, dateTime or instant, however partial; null when it is none.</summary>
    public static DateSpan? Of(string? text)
    {
        if (text is null) return null;
        if (text.Length > 10)
        {
            return text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                ? new DateSpan(instant, instant)
                : null;
        }

        string? format = text.Length switch { 4 => "yyyy", 7 => "yyyy-MM", 10 => "yyyy-MM-dd", _ => null };
        if (format is null || !DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)) return null;
        if (first.Year is 1 or 9999) return Always;
        var end = text.Length switch { 4 => first.AddYears(1), 7 => first.AddMonths(1), _ => first.AddDays(1) };
        return new DateSpan(new DateTimeOffset(first, TimeSpan.Zero) - Easternmost, new DateTimeOffset(end, TimeSpan.Zero) + Westernmost);
    }

    /// <summary>Of a Period, whose open ends reach as far as time does; null when an end that is given is no date.</summary>
    public static DateSpan? Of(string? start, string? end)
    {
        DateSpan? from = start is null ? Always : Of(start), to = end is null ? Always : Of(end);
        return from is { } a && to is { } b ? new DateSpan(a.Earliest, b.Latest) : null;
    }

    public DateSpan With(DateSpan other)
        => new(Earliest < other.Earliest ? Earliest : other.Earliest, Latest > other.Latest ? Latest : other.Latest);

    public bool Overlaps(DateSpan other) => Earliest <= other.Latest && other.Earliest <= Latest;
}
