namespace ReferralService.Gathering.Plans;

/// <summary>What has to be asked of one type so that nothing the plans want stays away.</summary>
/// <param name="Everything">An item cannot be asked for by code or category: all of the type must come.</param>
/// <param name="Categories">Wanted by category, whatever the code. Sorted.</param>
/// <param name="Codes">Wanted by code. Sorted.</param>
/// <param name="Below">Wanted by branch, which R4 servers seldom search for: to be enumerated, or everything asked. Sorted.</param>
/// <param name="Earliest">Nothing before it is wanted; null: some items have no limit.</param>
/// <param name="Statuses">Of status or clinicalStatus; null: of any. Sorted.</param>
/// <param name="Mandatory">A must item is among them.</param>
internal sealed record TypeSearch(
    string Type,
    bool Everything,
    IReadOnlyList<PlanCode> Categories,
    IReadOnlyList<PlanCode> Codes,
    IReadOnlyList<PlanCode> Below,
    DateTimeOffset? Earliest,
    IReadOnlyList<string>? Statuses,
    bool Mandatory,
    IReadOnlyList<string> Rules);

/// <summary>The union of what the chosen plans ask for: the widest net that is needed, from which a search may be narrowed as far as an EHR allows.</summary>
internal static class PlanSearches
{
    /// <param name="reachingBefore">Only what of theirs reaches back further than this; null: all.</param>
    /// <returns>By type.</returns>
    public static IReadOnlyList<TypeSearch> Of(IReadOnlyList<ChosenPlan> plans, DateTimeOffset now, DateTimeOffset? diagnosed, DateTimeOffset? reachingBefore = null) =>
    [
        .. plans
            .SelectMany(p => p.Plan.Items)
            .Where(i => i.Need != Need.MustNot)
            .Where(i => reachingBefore is not { } instant || i.LookBack.NotBefore(now, diagnosed) is not { } start || start < instant)
            .SelectMany(i => i.Types.Select(type => (type, item: i)))
            .GroupBy(p => p.type, p => p.item, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Of(g.Key, [.. g.OrderBy(i => i.Rule, StringComparer.Ordinal)], now, diagnosed)),
    ];

    private static TypeSearch Of(string type, IReadOnlyList<PlanItem> items, DateTimeOffset now, DateTimeOffset? diagnosed)
    {
        var categories = new SortedSet<PlanCode>();
        var codes = new SortedSet<PlanCode>();
        var below = new SortedSet<PlanCode>();
        bool everything = false;
        foreach (var item in items)
        {
            // What is filed under one of its categories holds all that it wants; words cannot be searched for.
            if (!item.Categories.IsEmpty) categories.UnionWith(item.Categories.Exact);
            else if (!item.Codes.IsEmpty && item.Words.IsEmpty)
            {
                codes.UnionWith(item.Codes.Exact);
                below.UnionWith(item.Codes.Below);
            }
            else everything = true;
        }

        var statuses = items.Select(i => i.StatusesOf(type)).ToList();
        var starts = items.Select(i => i.LookBack.NotBefore(now, diagnosed)).ToList();
        return new TypeSearch(
            type, everything, [.. categories], [.. codes], [.. below], starts.Contains(null) ? null : starts.Min(),
            statuses.Exists(s => s.Count == 0) ? null : [.. statuses.SelectMany(s => s).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            items.Any(i => i.Need == Need.Must), [.. items.Select(i => i.Rule)]);
    }
}
