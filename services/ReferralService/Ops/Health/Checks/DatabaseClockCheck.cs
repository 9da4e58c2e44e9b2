using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Ops.Health.Checks;

/// <summary>The database's clock beside ours: leases are measured by the one, due times by the other. SQLite has none of its own.</summary>
internal sealed class DatabaseClockCheck(LedgerFigureBook book, TimeProvider clock) : IHealthCheck
{
    private const string Key = "clock:database";

    public string Name => Key;

    /// <param name="ahead">The database's clock less ours.</param>
    public static HealthCheckResult Of(TimeSpan ahead, double took) => ahead.Duration() <= HealthThresholds.DatabaseClockSkew
        ? new(Key, HealthStatus.Ok, took)
        : new(Key, HealthStatus.Degraded, took, HealthCodes.ClockSkew,
            string.Create(CultureInfo.InvariantCulture, $"The database's clock differs from ours by {ahead.TotalSeconds:F0} s. Let both machines keep time by NTP."));

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        try
        {
            var skew = await book.ClockSkewAsync(cancellationToken);
            var took = CheckTime.Since(clock, began);
            return [skew is { } ahead ? Of(ahead, took) : new(Name, HealthStatus.Ok, took, HealthCodes.NotUsed)];
        }
        catch (LedgerUnavailableException)
        {
            return [new(Name, HealthStatus.Degraded, CheckTime.Since(clock, began), ReasonCodes.LedgerUnavailable, "The database does not answer; see check ledger.")];
        }
    }
}
