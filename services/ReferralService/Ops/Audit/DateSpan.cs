using System.Globalization;
using System.Text.RegularExpressions;

namespace ReferralService.Ops.Audit;

/// <summary>What a date of R4 means when it is searched by (R4 search, "date"): all the time that it names with the precision it was written in, in UTC unless it says otherwise.</summary>
/// <param name="First">Its first instant.</param>
/// <param name="End">The first one behind it. The last that the calendar has, where it would lie beyond.</param>
internal readonly partial record struct DateSpan(DateTimeOffset First, DateTimeOffset End)
{
    /// <summary>Null: it is none.</summary>
    public static DateSpan? Read(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) return null;
        int? Part(string name) => match.Groups[name] is { Success: true, ValueSpan: var digits } ? int.Parse(digits, CultureInfo.InvariantCulture) : null;
        var (year, month, day) = (Part("year")!.Value, Part("month"), Part("day"));
        if (year < 1 || month is 0 or > 12 || (day is not null && (day == 0 || day > DateTime.DaysInMonth(year, month!.Value)))) return null;
        long start = new DateTime(year, month ?? 1, day ?? 1).Ticks;
        if (day is null)
        {
            var (years, months) = month is null ? (1, 0) : (0, 1);
            long left = ((9999 - year) * 12) + 12 - (month ?? 12);
            return left == 0 ? Of(start, DateTime.MaxValue.Ticks) : Of(start, new DateTime(start).AddYears(years).AddMonths(months).Ticks);
        }

        if (Part("hour") is not { } hour) return Of(start, start + TimeSpan.TicksPerDay);
        if (hour > 23 || Part("minute") is not { } minute || minute > 59 || Part("second") is > 59 || Part("offhour") is > 14 || Part("offminute") is > 59) return null;
        start += (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute) + ((Part("second") ?? 0) * TimeSpan.TicksPerSecond);
        long width = match.Groups["second"].Success ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMinute;
        foreach (char digit in match.Groups["fraction"].Value)
        {
            width /= 10;
            start += (digit - '0') * width;
        }

        long offset = ((Part("offhour") ?? 0) * TimeSpan.TicksPerHour) + ((Part("offminute") ?? 0) * TimeSpan.TicksPerMinute);
        start += match.Groups["sign"].Value == "-" ? offset : -offset;

        // Nothing is kept finer than a microsecond.
        return Of(start, start + Math.Max(width, TimeSpan.TicksPerMicrosecond));
    }

    private static DateSpan Of(long first, long end) => new(At(first), At(end));

    private static DateTimeOffset At(long ticks) => new(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);

    [GeneratedRegex(@"^(?<year>[0-9]{4})(-(?<month>[0-9]{2})(-(?<day>[0-9]{2})(T(?<hour>[0-9]{2}):(?<minute>[0-9]{2})(:(?<second>[0-9]{2})(\.(?<fraction>[0-9]{1,9}))?)?(Z|(?<sign>[+-])(?<offhour>[0-9]{2}):(?<offminute>[0-9]{2}))?)?)?)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
