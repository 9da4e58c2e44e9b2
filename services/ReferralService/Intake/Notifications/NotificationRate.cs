using System.Threading.RateLimiting;
using ReferralService.Intake.Settings;

namespace ReferralService.Intake.Notifications;

/// <summary>How many notifications each EHR may still send now. Asked only after the secret was good, so that a stranger cannot use up an EHR's share.</summary>
internal sealed class NotificationRate(IntakeOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(ehr =>
        RateLimitPartition.GetTokenBucketLimiter(ehr, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.NotificationsPerSecond,
            TokensPerPeriod = options.NotificationsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    public bool Take(string ehr)
    {
        using var lease = _limiter.AttemptAcquire(ehr);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
