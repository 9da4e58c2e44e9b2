using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Ops.Metrics;

namespace ReferralService.Ops.Health.Checks;

/// <summary>How long status events have waited for the broker and for webhooks' receivers.</summary>
internal sealed class BacklogCheck(WaitingFigures waiting, TimeProvider clock) : IHealthCheck
{
    public string Name => "outbox";

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var now = await waiting.ReadAsync(cancellationToken);
        var took = CheckTime.Since(clock, began);
        if (now is null) return [new(Name, HealthStatus.Degraded, took, ReasonCodes.LedgerUnavailable, "What waits cannot be read; see check ledger.")];
        return
        [
            Of(Name, now.Figures.Outbox.Count, now.Figures.Outbox.Oldest, took, HealthCodes.OutboxOld, "See check broker; they are sent when it takes them."),
            .. now.Figures.Webhooks.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => Of(
                $"webhook:{one.Key}", one.Value.Count, one.Value.Oldest, took, HealthCodes.WebhookOld, "See that its receiver answers 2xx; they are sent again by themselves.")),
        ];
    }

    private HealthCheckResult Of(string name, long count, DateTimeOffset? oldest, double took, string code, string remedy)
        => oldest is { } since && clock.GetUtcNow() - since is var age && age > HealthThresholds.OutboxAge
            ? new(name, HealthStatus.Degraded, took, code, string.Create(CultureInfo.InvariantCulture, $"{count} status events wait, the oldest for {age.TotalMinutes:F0} minutes. {remedy}"))
            : new(name, HealthStatus.Ok, took);
}
