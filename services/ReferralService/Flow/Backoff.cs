namespace ReferralService.Flow;

/// <summary>Delays between steps: minutes to days. (Seconds within a step are the HTTP pipelines'.) Pure.</summary>
internal static class Backoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>2 s, 6 s, 18 s … to one hour, ± 20 %, never before what the partner asked for (which is capped at one hour too).</summary>
    /// <param name="tries">How many failed before, from 0.</param>
    /// <param name="jitter">From 0 to 1.</param>
    public static TimeSpan Delay(int tries, double jitter, TimeSpan? retryAfter)
    {
        var grown = TimeSpan.FromSeconds(Math.Min(2 * Math.Pow(3, Math.Min(tries, 12)), Longest.TotalSeconds)) * (0.8 + 0.4 * jitter);
        var asked = retryAfter is { } after ? (after < Longest ? after : Longest) : TimeSpan.Zero;
        return grown > asked ? grown : asked;
    }
}
