using System.Collections.Concurrent;

namespace ReferralService.Status.Webhooks;

/// <summary>How this process stands with each webhook's receiver; read by health. What waits is in the ledger (<see cref="Ledger.WebhookBook.OldestAsync"/>).</summary>
internal sealed class WebhookStandings(params IEnumerable<string> webhooks)
{
    private readonly ConcurrentDictionary<string, WebhookTrouble?> _now = new(webhooks.Select(webhook => KeyValuePair.Create(webhook, (WebhookTrouble?)null)), StringComparer.Ordinal);

    /// <summary>Configured webhooks, and what keeps each from being told; null: nothing.</summary>
    public IReadOnlyDictionary<string, WebhookTrouble?> Now => _now;

    /// <summary>Notes it; whether it is news.</summary>
    public bool Tell(string webhook, WebhookTrouble? trouble)
    {
        var before = _now.GetValueOrDefault(webhook);
        _now[webhook] = trouble;
        return before != trouble;
    }
}
