namespace ReferralService.Status.Webhooks;

/// <summary>How long until an event, or a receiver, is tried again. Pure.</summary>
internal static class WebhookBackoff
{
    /// <summary>To which the pause of one event grows while others are taken.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>To which the pause of a whole receiver grows: so long after its return the first event reaches it at the latest.</summary>
    public static readonly TimeSpan LongestAway = TimeSpan.FromMinutes(5);

    /// <summary>To which the pause grows of a receiver that wants nothing more (410).</summary>
    public static readonly TimeSpan LongestGone = TimeSpan.FromHours(1);

    /// <summary>What a receiver asks for is heeded up to this.</summary>
    public static readonly TimeSpan MostAsked = TimeSpan.FromDays(1);

    /// <summary>5 s, 10 s, 20 s … to <paramref name="longest"/>, ± 20 % by the event's own id, never before what the receiver asked for.</summary>
    /// <param name="tries">How many failed before, from 0.</param>
    public static TimeSpan Delay(int tries, Guid spread, TimeSpan longest, TimeSpan? asked)
    {
        // The last bytes of a UUID of ours are a digest's or random; the first ones would be a clock's.
        var jitter = (spread.ToByteArray()[15] ^ (byte)(tries * 37)) / 255.0;
        var grown = TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(2, Math.Min(tries, 20)), longest.TotalSeconds)) * (0.8 + 0.4 * jitter);
        var heeded = asked is { } after ? (after < MostAsked ? after : MostAsked) : TimeSpan.Zero;
        return grown > heeded ? grown : heeded;
    }
}
