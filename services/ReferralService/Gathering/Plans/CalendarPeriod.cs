using System.Globalization;
using System.Text.RegularExpressions;

namespace ReferralService.Gathering.Plans;

/// <summary>An ISO 8601 duration of whole days and more, as people count them back on a calendar: <c>P2Y</c>, <c>P6M</c>, <c>P14D</c>.</summary>
internal sealed partial record CalendarPeriod(int Years, int Months, int Days)
{
    /// <summary>Null when it is none: <c>P[nY][nM][nW][nD]</c> with at least one part, each up to 999, none of a time of day.</summary>
    public static CalendarPeriod? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) return null;
        int Part(int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var period = new CalendarPeriod(Part(1), Part(2), (7 * Part(3)) + Part(4));
        return period is (0, 0, 0) ? null : period;
    }

    /// <summary>The instant as long before another; the calendar's beginning at the earliest.</summary>
    public DateTimeOffset Before(DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        int months = (12 * Years) + Months;
        if (months >= 12 * (utc.Year - 10)) return DateTimeOffset.MinValue;
        return utc.AddMonths(-months).AddDays(-Days);
    }

    [GeneratedRegex("^P(?=[0-9])(?:([0-9]{1,3})Y)?(?:([0-9]{1,3})M)?(?:([0-9]{1,3})W)?(?:([0-9]{1,3})D)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
