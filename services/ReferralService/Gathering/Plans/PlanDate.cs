using System.Globalization;
using System.Text;

namespace ReferralService.Gathering.Plans;

/// <summary>When something was, as far as its date says: partial dates are spans.</summary>
internal readonly record struct PlanDate
{
    private const int DayLength = 10;

    private readonly string? _written;
    private readonly int _digits;
    private readonly long _earliest;
    private readonly long _latest;

    private PlanDate(string? written, int digits, DateTimeOffset earliest, DateTimeOffset? latest)
        => (_written, _digits, _earliest, _latest) = (written, digits, earliest.UtcTicks, latest?.UtcTicks ?? -1);

    /// <summary>As written, to the day at most: what a checklist shows.</summary>
    public string Day => _written ?? (_digits % 10_000, _digits % 100) switch
    {
        (0, _) => (_digits / 10_000).ToString("0000", CultureInfo.InvariantCulture),
        (var month, 0) => string.Create(CultureInfo.InvariantCulture, $"{_digits / 10_000:0000}-{month / 100:00}"),
        (var month, var day) => string.Create(CultureInfo.InvariantCulture, $"{_digits / 10_000:0000}-{month / 100:00}-{day:00}"),
    };

    /// <summary>What is compared and what grows stale: a bare year is never newer than a day in it.</summary>
    public DateTimeOffset Earliest => new(_earliest, TimeSpan.Zero);

    /// <summary>What decides whether it lies before a window; null: it goes on.</summary>
    public DateTimeOffset? Latest => _latest < 0 ? null : new DateTimeOffset(_latest, TimeSpan.Zero);

    /// <summary>The same without an end.</summary>
    public PlanDate GoingOn => new(_written, _digits, Earliest, null);

    /// <summary>Null when it is absent or no FHIR date.</summary>
    public static PlanDate? Of(string? text) => text is null ? null : Of(Encoding.UTF8.GetBytes(text));

    /// <param name="utf8">Escapes undone.</param>
    /// <inheritdoc cref="Of(string?)"/>
    public static PlanDate? Of(ReadOnlySpan<byte> utf8)
    {
        if (DateDigits.TryDay(utf8, out int year, out int month, out int day))
            return new PlanDate(null, Digits(year, month, day), new DateTimeOffset(year, Math.Max(1, month), Math.Max(1, day), 0, 0, 0, TimeSpan.Zero), FhirDate.EndOf(year, month, day));
        if (utf8.Length <= DayLength) return null;
        if (DateDigits.TryInstant(utf8, out var instant) && DateDigits.TryDay(utf8[..DayLength], out year, out month, out day)) return new PlanDate(null, Digits(year, month, day), instant, instant);
        var text = Encoding.UTF8.GetString(utf8);
        return FhirDate.Instant(text) is { } odd ? new PlanDate(text[..DayLength], 0, odd, odd) : null;
    }

    private static int Digits(int year, int month, int day) => (year * 10_000) + (month * 100) + day;
}
