using System.Globalization;
using System.Text;
using ReferralService.Gathering;
using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering;

/// <summary>Dates read from their digits against .NET's own parser, over all that FHIR's grammar allows and what lies just beside it.</summary>
public sealed class DateDigitsTests
{
    private static readonly string[] Years = ["2026", "2024", "1900", "2000", "0001", "0000", "9999", "9998", "26", "2O26"];
    private static readonly string[] Months = ["-01", "-02", "-11", "-12", "-13", "-00", "-2", "/02"];
    private static readonly string[] Days = ["-01", "-28", "-29", "-30", "-31", "-32", "-00", "-1"];
    private static readonly string[] Times = ["T00:00:00", "T23:59:59", "T23:59:60", "T24:00:00", "T10:30", "T10:60:00", " 10:30:00", "t10:30:00", "T1:30:00"];
    private static readonly string[] Fractions = ["", ".1", ".123", ".1234567", ".12345678", ".999999999", "."];
    private static readonly string[] Zones = ["", "Z", "z", "+00:00", "-00:00", "+13:59", "+14:00", "-12:00", "+15:00", "+0200", "+02", " +02:00", "Zulu"];

    [Test]
    public void Every_written_form_means_what_the_usual_parser_says()
    {
        var texts = Texts().ToList();

        Assert.That(texts.Where(t => FhirDate.Latest(t) != Latest(t) || FhirDate.Latest(Encoding.UTF8.GetBytes(t)) != Latest(t) || FhirDate.Instant(t) != Instant(t)), Is.Empty);
        Assert.That(texts.Count(t => Latest(t) is not null), Is.GreaterThan(500), "the parser knows some of them");
    }

    [Test]
    public void A_plan_date_shows_the_day_as_it_is_written()
        => Assert.That(
            Texts().Where(t => PlanDate.Of(t) is var date && (date is null) != (Latest(t) is null)
                || (date is { } known && (known.Day != t[..Math.Min(10, t.Length)] || known.Latest != Latest(t) || known.Earliest != Earliest(t)))),
            Is.Empty);

    [TestCase("2026-11-22T10:00:00Ｚ")]
    [TestCase("２０２６")]
    [TestCase("2026-11-22T10:00:00.000000000000000000000000000000000000000000000001Z")]
    public void What_is_not_ascii_or_longer_than_any_instant_is_no_trap(string text)
        => Assert.That(FhirDate.Latest(Encoding.UTF8.GetBytes(text)), Is.EqualTo(Latest(text)));

    private static IEnumerable<string> Texts()
    {
        var days = Years.Concat(Years.SelectMany(y => Months, (y, m) => y + m)).Concat(from y in Years from m in Months from d in Days select y + m + d).ToList();
        var whole = new[] { "2026-11-22", "2024-02-29", "2026-02-29", "0001-01-01", "9999-12-31" };
        return days.Concat(from d in whole from t in Times from f in Fractions from z in Zones select d + t + f + z).Append("").Append("yesterday");
    }

    private static DateTimeOffset? Latest(string text)
    {
        if (text.Length > 10) return Instant(text);
        if (First(text) is not { } first) return null;
        if (first.Year == 9999) return DateTimeOffset.MaxValue;
        var end = text.Length switch { 4 => first.AddYears(1), 7 => first.AddMonths(1), _ => first.AddDays(1) };
        return new DateTimeOffset(end, TimeSpan.Zero) + TimeSpan.FromHours(12);
    }

    private static DateTimeOffset Earliest(string text) => Instant(text) ?? new DateTimeOffset(First(text)!.Value, TimeSpan.Zero);

    private static DateTime? First(string text)
        => text.Length switch { 4 => "yyyy", 7 => "yyyy-MM", 10 => "yyyy-MM-dd", _ => null } is { } format
            && DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) ? first : null;

    private static DateTimeOffset? Instant(string text)
        => text.Length > 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
}
