using System.Globalization;

namespace ReferralService.Gathering;

/// <summary>How the beginning of a day is written in a search.</summary>
internal enum DayForm
{
    /// <summary><c>2024-11-22</c>: what most servers take.</summary>
    Day,

    /// <summary><c>2024-11-22T00:00:00Z</c>: US Core asks its clients for seconds and an offset, and servers may refuse less.</summary>
    Instant,
}

internal static class SearchDay
{
    /// <summary>The least asked of a server first.</summary>
    public static readonly IReadOnlyList<DayForm> Forms = [DayForm.Day, DayForm.Instant];

    public static string Write(DateTimeOffset day, DayForm form)
        => day.UtcDateTime.ToString(form == DayForm.Day ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
