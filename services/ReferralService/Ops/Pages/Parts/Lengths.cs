namespace ReferralService.Ops.Pages.Parts;

/// <summary>Lengths of time and sizes as people say them. The script says the same (ops.js).</summary>
internal static class Lengths
{
    /// <summary>"4 min ago", "in 2 h 05 min", "now".</summary>
    public static string Say(DateTimeOffset at, DateTimeOffset now)
    {
        var away = (at - now).Duration();
        return away < TimeSpan.FromSeconds(1) ? "now" : at < now ? $"{Of(away)} ago" : $"in {Of(away)}";
    }

    /// <summary>"42 s", "4 min", "2 h 05 min", "3 d 4 h".</summary>
    public static string Of(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min",
        { TotalHours: < 24 } => $"{(int)span.TotalHours} h {span.Minutes:00} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    /// <summary>"812 B", "14.2 kB", "3.1 MB".</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1000 => $"{bytes} B",
        < 1_000_000 => $"{bytes / 1e3:0.0} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.0} MB",
        _ => $"{bytes / 1e9:0.0} GB",
    };

    /// <summary>12,345.</summary>
    public static string Count(long count) => count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}
