using System.Collections.Immutable;

namespace ReferralService.Ledger;

/// <summary>Which events one webhook is told of.</summary>
/// <param name="Name">Of the setting <c>Webhooks:{name}</c>.</param>
/// <param name="Events">Without prefix, e.g. <c>delivered</c>; null: all.</param>
/// <param name="Ehrs">Names of EHRs; null: all.</param>
internal sealed record WebhookSubscription(string Name, IReadOnlySet<string>? Events, IReadOnlySet<string>? Ehrs)
{
    public bool Wants(string ehr, string happened) => Ehrs?.Contains(ehr) != false && Events?.Contains(happened) != false;
}

/// <summary>That a webhook is to be told of a line that is being written.</summary>
/// <param name="Position">Of the line within its revision.</param>
internal sealed record WebhookLine(string Webhook, int Position, int Sequence)
{
    /// <summary>Notes are nobody's business but ours.</summary>
    public static IReadOnlyList<WebhookLine> Of(IReadOnlyList<WebhookSubscription> webhooks, string ehr, ImmutableArray<TimelineEntry> lines)
        => webhooks.Count == 0 ? [] :
        [
            .. from webhook in webhooks
               from line in lines.Index()
               where line.Item.Sequence is not null && webhook.Wants(ehr, line.Item.Event)
               select new WebhookLine(webhook.Name, line.Index, line.Item.Sequence!.Value),
        ];
}
