namespace ReferralService.Gathering.Plans;

/// <summary>A plan that applies to an order, and why.</summary>
/// <param name="Because">Sorted: <c>psa-words &lt; ServiceRequest.reasonCode</c>, <c>included-by:urology-psa</c>, <c>fallback</c>.</param>
internal sealed record ChosenPlan(RecordPlan Plan, IReadOnlyList<string> Because);

/// <summary>Which plans apply to an order. Several may: what belongs to the referral is what any of them wants.</summary>
internal static class PlanChoice
{
    /// <returns>By id; never empty. Plans that those chosen include are among them.</returns>
    public static IReadOnlyList<ChosenPlan> For(OrderFacts order, PlanBook plans)
    {
        var because = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var plan in plans.All.Where(p => p.Status != PlanStatus.Retired))
        {
            if (plan.Trigger?.Match(order) is { Count: > 0 } matches) Because(because, plan.Id).UnionWith(matches);
        }

        if (because.Count == 0) Because(because, RecordPlan.Fallback).Add("fallback");

        var open = new Queue<string>(because.Keys);
        while (open.TryDequeue(out var id))
        {
            foreach (var included in plans.Find(id)!.Includes)
            {
                if (!because.ContainsKey(included)) open.Enqueue(included);
                Because(because, included).Add($"included-by:{id}");
            }
        }

        return [.. because.Select(p => new ChosenPlan(plans.Find(p.Key)!, [.. p.Value]))];
    }

    private static SortedSet<string> Because(SortedDictionary<string, SortedSet<string>> because, string id)
    {
        if (!because.TryGetValue(id, out var reasons)) because.Add(id, reasons = new SortedSet<string>(StringComparer.Ordinal));
        return reasons;
    }
}
