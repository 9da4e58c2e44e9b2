namespace ReferralService.Flow;

/// <summary>Delays between steps: minutes to days. (Seconds within a step are the HTTP pipelines'.) Pure.</summary>
internal static class Backoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>2 s, 6 s, 18 s … to one hour, ± 20 %, never before what the partner asked for (which is capped at one hour too).</summary>
    /// <param name="tries">How many failed before, from 0.</param>
    /// <param name="jitter">From 0 to 1.</param>
    /// <param name="longest">To which our own delay grows (<see cref="FlowOptions.LongestDelay"/>); what a partner asks for is heeded beyond it. Null: one hour.</param>
    public static TimeSpan Delay(int tries, double jitter, TimeSpan? retryAfter, TimeSpan? longest = null)
    {
        var grown = TimeSpan.FromSeconds(Math.Min(2 * Math.Pow(3, Math.Min(tries, 12)), (longest ?? Longest).TotalSeconds)) * (0.8 + 0.4 * jitter);
        var asked = retryAfter is { } after ? (after < Longest ? after : Longest) : TimeSpan.Zero;
        return grown > asked ? grown : asked;
    }

    /// <summary>How long until an order that is not there is looked for again: twice its age, 2 s at least, ± 20 %, and never past the moment from which it counts as missing.</summary>
    /// <param name="age">Since it was first heard of.</param>
    /// <param name="jitter">From 0 to 1.</param>
    public static TimeSpan UntilVisible(TimeSpan age, TimeSpan visibleWithin, double jitter)
    {
        var wait = TimeSpan.FromSeconds(Math.Max(2, 2 * age.TotalSeconds)) * (0.8 + 0.4 * jitter);
        var left = visibleWithin - age;
        return left > TimeSpan.Zero && left < wait ? left : wait;
    }

    /// <summary>How long what nothing was tried for is put off again: half as long as it has been put off so far, 2 s at least, an hour at most, ± 20 %, never before what the partner asked for.</summary>
    /// <param name="waited">Since it was first put off.</param>
    /// <param name="jitter">From 0 to 1.</param>
    /// <param name="longest">As for <see cref="Delay"/>.</param>
    public static TimeSpan Further(TimeSpan waited, double jitter, TimeSpan? retryAfter, TimeSpan? longest = null)
    {
        var grown = TimeSpan.FromSeconds(Math.Clamp(waited.TotalSeconds / 2, 2, (longest ?? Longest).TotalSeconds)) * (0.8 + 0.4 * jitter);
        var asked = retryAfter is { } after ? (after < Longest ? after : Longest) : TimeSpan.Zero;
        return grown > asked ? grown : asked;
    }

    /// <summary>How long until it is looked again whether a partner that is being asked has answered: as long as it has been asked, 2 s at least, ± 20 %.</summary>
    /// <param name="asked">Since the question was begun.</param>
    /// <param name="jitter">From 0 to 1.</param>
    public static TimeSpan UntilAnswered(TimeSpan asked, double jitter) => TimeSpan.FromSeconds(Math.Max(2, asked.TotalSeconds)) * (0.8 + 0.4 * jitter);
}
