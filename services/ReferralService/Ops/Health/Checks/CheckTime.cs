namespace ReferralService.Ops.Health.Checks;

/// <summary>Times as results have them: milliseconds.</summary>
internal static class CheckTime
{
    public static double Since(TimeProvider clock, long began) => Math.Round(clock.GetElapsedTime(began).TotalMilliseconds, 3);

    /// <summary>How long ago; null: never.</summary>
    public static double? Age(TimeProvider clock, DateTimeOffset? at) => at is { } then ? Math.Max(0, Math.Round((clock.GetUtcNow() - then).TotalMilliseconds)) : null;
}
