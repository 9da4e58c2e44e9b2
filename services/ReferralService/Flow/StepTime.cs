namespace ReferralService.Flow;

/// <summary>The clock and the randomness of the steps: the edge where both come in.</summary>
/// <param name="longest">To which delays between tries grow; null: <see cref="Backoff.Longest"/>.</param>
internal sealed class StepTime(TimeProvider clock, Func<double> jitter, TimeSpan? longest = null)
{
    public TimeProvider Clock { get; } = clock;

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>From 0 to 1.</summary>
    public double Jitter() => jitter();

    /// <summary>When to try again after so many failures.</summary>
    public DateTimeOffset Again(int tries, TimeSpan? retryAfter) => Now + Delay(tries, retryAfter);

    /// <summary>How long to wait after so many failures.</summary>
    public TimeSpan Delay(int tries, TimeSpan? retryAfter) => Backoff.Delay(tries, Jitter(), retryAfter, longest);

    /// <summary>How long to put off again what nothing was tried for.</summary>
    /// <param name="waited">Since it was first put off.</param>
    public TimeSpan Further(TimeSpan waited, TimeSpan? retryAfter) => Backoff.Further(waited, Jitter(), retryAfter, longest);
}
