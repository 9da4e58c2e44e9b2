using System.Globalization;

namespace ReferralService.Fhir.Validation;

/// <summary>The instants that a date or dateTime may mean: a day is 24 hours, and one without a zone may lie in any.</summary>
internal readonly record struct InstantRange(DateTimeOffset First, DateTimeOffset Last)
{
    private static readonly TimeSpan FarthestZone = TimeSpan.FromHours(14);

    /// <summary>Whether the one is later than the other, whatever either means: FHIRPath's comparison is empty when it cannot be said, and then the rule holds.</summary>
    public static bool IsSurelyLater(string? one, string? other) => Read(one) is { } a && Read(other) is { } b && a.First > b.Last;

    /// <param name="text">As R4 writes it; anything else is null, for the format is another check's.</param>
    private static InstantRange? Read(string? text)
    {
        if (text is null) return null;
        if (text.Contains('T', StringComparison.Ordinal))
        {
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant) ? new InstantRange(instant, instant) : null;
        }

        string format = text.Length switch { 4 => "yyyy", 7 => "yyyy-MM", _ => "yyyy-MM-dd" };
        if (!DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var first)
            || first.Year is 1 or 9999) return null;
        var after = text.Length switch { 4 => first.AddYears(1), 7 => first.AddMonths(1), _ => first.AddDays(1) };
        return new InstantRange(first - FarthestZone, after.AddTicks(-1) + FarthestZone);
    }
}
