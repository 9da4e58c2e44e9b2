using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>What the chosen plans keep back, asked of what no search found: of that the selection has seen nothing.</summary>
/// <param name="named">What the order itself leads to: it goes all the same.</param>
internal sealed class KeptBack(RecordIndex index, ChosenPlans chosen, IReadOnlySet<ResourceKey> named)
{
    private readonly ILookup<string, PlanItem> _items = chosen.Plans.SelectMany(p => p.Plan.Items)
        .Where(i => i.Need == Need.MustNot)
        .OrderBy(i => i.Rule, StringComparer.Ordinal)
        .SelectMany(i => i.Types.Select(type => (type, i)))
        .ToLookup(p => p.type, p => p.i, StringComparer.Ordinal);

    /// <summary>The rule of the item that keeps it back; null: none does.</summary>
    public string? By(GatheredResource body)
    {
        // A file says nothing of itself that a plan could know it by; one behind a plain URL has not even an id.
        if (body.Key.Type == "Binary" || named.Contains(body.Key) || !_items.Contains(body.Key.Type)) return null;
        var topic = index.FactsOf(body).Topic;
        return _items[body.Key.Type].FirstOrDefault(i => i.IsOfKind(topic, out _))?.Rule;
    }
}
