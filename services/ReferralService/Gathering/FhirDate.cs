using System.Globalization;

namespace ReferralService.Gathering;

/// <summary>FHIR's partial dates as upper bounds of when something was.</summary>
internal static class FhirDate
{
    // Dates carry no zone; the earth has them from UTC-12, where a day ends last.
    private static readonly TimeSpan WesternmostDay = TimeSpan.FromHours(12);

    /// <summary>The last instant that <c>YYYY</c>, <c>YYYY-MM</c>, <c>YYYY-MM-DD</c>, a dateTime or an instant may mean; null when it cannot be read.</summary>
    public static DateTimeOffset? Latest(string? text)
    {
        if (text is null) return null;
        if (text.Length > 10)
        {
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
        }

        var format = text.Length switch { 4 => "yyyy", 7 => "yyyy-MM", 10 => "yyyy-MM-dd", _ => null };
        if (format is null || !DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)) return null;
        if (first.Year == DateTime.MaxValue.Year) return DateTimeOffset.MaxValue;
        var end = text.Length switch { 4 => first.AddYears(1), 7 => first.AddMonths(1), _ => first.AddDays(1) };
        return new DateTimeOffset(end, TimeSpan.Zero) + WesternmostDay;
    }

    /// <summary>meta.lastUpdated as an instant; null when absent or unreadable.</summary>
    public static DateTimeOffset? Instant(string? text)
        => text is { Length: > 10 } && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
}
