namespace ReferralService.Flow;

/// <summary>The clock and the randomness of the steps: the edge where both come in.</summary>
internal sealed class StepTime(TimeProvider clock, Func<double> jitter)
{
    public TimeProvider Clock { get; } = clock;

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>From 0 to 1.</summary>
    public double Jitter() => jitter();
}
