using System.Globalization;

namespace ReferralService.Gathering.Plans;

/// <summary>When something was, as far as its date says: partial dates are spans.</summary>
/// <param name="Day">As written, to the day at most: what a checklist shows.</param>
/// <param name="Earliest">What is compared and what grows stale: a bare year is never newer than a day in it.</param>
/// <param name="Latest">What decides whether it lies before a window; null: it goes on.</param>
internal sealed record PlanDate(string Day, DateTimeOffset Earliest, DateTimeOffset? Latest)
{
    /// <summary>Null when it is absent or no FHIR date.</summary>
    public static PlanDate? Of(string? text)
    {
        if (FhirDate.Latest(text) is not { } latest || text is null) return null;
        if (text.Length > 10) return new PlanDate(text[..10], FhirDate.Instant(text) ?? latest, latest);
        var format = text.Length switch { 4 => "yyyy", 7 => "yyyy-MM", _ => "yyyy-MM-dd" };
        return new PlanDate(text, DateTimeOffset.ParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), latest);
    }

    /// <summary>Of a Period: by its end; one without end still goes on.</summary>
    public static PlanDate? Of(string? start, string? end)
    {
        if (end is not null) return Of(end);
        return Of(start) is { } begun ? begun with { Latest = null } : null;
    }
}
