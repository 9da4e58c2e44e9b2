using System.Globalization;

namespace ReferralService.Sandbox.Repository;

/// <summary>The span of time a FHIR date stands for: <c>2025-03</c> is all of March (R4 search.html#date). No offset is read as UTC.</summary>
/// <param name="End">Not part of it.</param>
internal readonly record struct DateRange(DateTimeOffset Start, DateTimeOffset End)
{
    public static DateRange? Parse(string text)
    {
        static DateTimeOffset? Read(string s, string format)
            => DateTimeOffset.TryParseExact(s, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var t) ? t : null;

        if (text.Length == 4) return Read(text, "yyyy") is { } y ? new DateRange(y, y.AddYears(1)) : null;
        if (text.Length == 7) return Read(text, "yyyy-MM") is { } m ? new DateRange(m, m.AddMonths(1)) : null;
        if (text.Length == 10) return Read(text, "yyyy-MM-dd") is { } d ? new DateRange(d, d.AddDays(1)) : null;
        if (text.Length < 16 || text[10] != 'T') return null;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) return null;
        var precision = text.Length > 19 && text[19] == '.' ? TimeSpan.FromMilliseconds(1)
            : text.Length > 16 && text[16] == ':' ? TimeSpan.FromSeconds(1)
            : TimeSpan.FromMinutes(1);
        return new DateRange(instant, instant + precision);
    }

    /// <summary>How a resource's range answers to a search value with its prefix.</summary>
    public bool Matches(string prefix, DateRange value) => prefix switch
    {
        "eq" => value.Start <= Start && End <= value.End,
        "ne" => !(value.Start <= Start && End <= value.End),
        "gt" => End > value.End,
        "lt" => Start < value.Start,
        "ge" => End > value.End || (value.Start <= Start && End <= value.End),
        "le" => Start < value.Start || (value.Start <= Start && End <= value.End),
        "sa" => Start >= value.End,
        "eb" => End <= value.Start,
        _ => Start < value.End && value.Start < End,
    };
}
