using System.Globalization;
using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ops.Metrics;
using ReferralService.Status.Webhooks;

namespace ReferralService.Ops.Health.Checks;

/// <summary>How long status events have waited for the broker and for webhooks' receivers, and why those do not take them.</summary>
internal sealed class BacklogCheck(WaitingFigures waiting, WebhookStandings webhooks, TimeProvider clock) : IHealthCheck
{
    public string Name => "outbox";

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var now = await waiting.ReadAsync(cancellationToken);
        var took = CheckTime.Since(clock, began);
        if (now is null) return [new(Name, HealthStatus.Degraded, took, ReasonCodes.LedgerUnavailable, "What waits cannot be read; see check ledger.")];
        var backlogs = now.Figures.Webhooks.ToDictionary(one => one.Webhook, StringComparer.Ordinal);
        return
        [
            Old(Name, now.Figures.Outbox.Count, now.Figures.Outbox.Oldest, took, HealthCodes.OutboxOld, "See check broker; they are sent when it takes them.") ?? new(Name, HealthStatus.Ok, took),
            .. webhooks.Now.Keys.Union(backlogs.Keys).Order(StringComparer.Ordinal).Select(webhook => Of(webhook, backlogs.GetValueOrDefault(webhook), took)),
        ];
    }

    /// <summary>What its receiver said to this replica last comes first; then what the ledger, and so every replica, knows.</summary>
    private HealthCheckResult Of(string webhook, WebhookBacklog? backlog, double took)
    {
        var name = $"webhook:{webhook}";
        if (!webhooks.Now.TryGetValue(webhook, out var trouble))
        {
            return new(name, HealthStatus.Ok, took, HealthCodes.WebhookNotConfigured, Told($"{backlog?.Waiting + backlog?.GivenUp} status events are kept for when it is configured again."));
        }

        // That events are given up stands in the ledger, whoever did it.
        if (trouble is not null && trouble != WebhookTrouble.Undelivered)
        {
            return new(name, HealthStatus.Degraded, took, trouble.Code, Told($"{backlog?.Waiting ?? 0} status events wait and are tried again: {trouble.FixFor(webhook)}."));
        }

        return backlog?.GivenUp > 0
            ? new(name, HealthStatus.Degraded, took, WebhookTrouble.Undelivered.Code, Told($"{backlog.GivenUp} {WebhookTrouble.Undelivered.FixFor(webhook)}."))
            : Old(name, backlog?.Waiting ?? 0, backlog?.Oldest, took, HealthCodes.WebhookOld, "See that its receiver answers 2xx; they are sent again by themselves.") ?? new(name, HealthStatus.Ok, took);
    }

    private HealthCheckResult? Old(string name, long count, DateTimeOffset? oldest, double took, string code, string remedy)
        => oldest is { } since && clock.GetUtcNow() - since is var age && age > HealthThresholds.OutboxAge
            ? new(name, HealthStatus.Degraded, took, code, Told($"{count} status events wait, the oldest for {age.TotalMinutes:F0} minutes. {remedy}"))
            : null;

    private static string Told(FormattableString sentence) => sentence.ToString(CultureInfo.InvariantCulture);
}
