using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Ops.Health.Checks;

/// <summary>The database's clock beside ours: leases are measured by the one, due times by the other. SQLite has none of its own.</summary>
internal sealed class DatabaseClockCheck(LedgerFigureBook book, TimeProvider clock) : IHealthCheck
{
    public string Name => "clock:database";

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        try
        {
            var skew = await book.ClockSkewAsync(cancellationToken);
            var took = CheckTime.Since(clock, began);
            return skew is not { } ahead ? [new(Name, HealthStatus.Ok, took, HealthCodes.NotUsed)]
                : ahead.Duration() <= HealthThresholds.DatabaseClockSkew ? [new(Name, HealthStatus.Ok, took)]
                : [new(Name, HealthStatus.Degraded, took, HealthCodes.ClockSkew,
                    string.Create(CultureInfo.InvariantCulture, $"The database's clock differs from ours by {ahead.TotalSeconds:F0} s. Let both machines keep time by NTP."))];
        }
        catch (LedgerUnavailableException)
        {
            return [new(Name, HealthStatus.Degraded, CheckTime.Since(clock, began), ReasonCodes.LedgerUnavailable, "The database does not answer; see check ledger.")];
        }
    }
}
