namespace ReferralService.Tests.Support;

/// <summary>The machine's clock, set wrong by so much.</summary>
internal sealed class ShiftedClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
}
