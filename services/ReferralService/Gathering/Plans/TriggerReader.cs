namespace ReferralService.Gathering.Plans;

/// <summary>Reads what makes a plan apply: <c>{"any": […]}</c>, <c>{"all": […]}</c>, or codes and words looked for in elements of the order.</summary>
internal static class TriggerReader
{
    private const int MaxDepth = 4;

    private static readonly Dictionary<string, OrderElement> Elements = new(StringComparer.Ordinal)
    {
        ["category"] = OrderElement.Category,
        ["code"] = OrderElement.Code,
        ["reasonCode"] = OrderElement.ReasonCode,
        ["reasonReference"] = OrderElement.ReasonCondition,
        ["performerType"] = OrderElement.PerformerType,
    };

    /// <returns>Null when it cannot be used; the faults say why.</returns>
    public static Trigger? Read(PlanJson json, IReadOnlyDictionary<string, CodeSet> valueSets, HashSet<string> ids, int depth = 1)
    {
        bool any = json.Has("any"), all = json.Has("all");
        if (any || all)
        {
            var member = any ? "any" : "all";
            if (any && all) json.Fault("all", "stands beside any; put one inside the other");
            if (depth >= MaxDepth) json.Fault(member, $"lies deeper than {MaxDepth}");
            var inner = depth >= MaxDepth ? [] : json.Parts(member, must: true).Select(p => Read(p, valueSets, ids, depth + 1)).OfType<Trigger>().ToList();
            json.Done();
            return any ? new Trigger.Any(inner) : new Trigger.All(inner);
        }

        var id = json.Text("id", must: true, most: 60);
        if (id is not null && !RecordPlanReader.IsId(id)) json.Fault("id", RecordPlanReader.IdForm);
        if (id is not null && !ids.Add(id)) json.Fault("id", "is used twice in this plan");
        var elements = json.Texts("in", must: true, e => Elements.ContainsKey(e) ? null : $"must be one of {string.Join(", ", Elements.Keys)}");
        var codes = ValueSetReader.Codes(json, valueSets);
        var words = PlanItemReader.Words(json);
        if (!json.Has("codes") && !json.Has("valueSets") && !json.Has("words")) json.Fault("", "needs codes, valueSets or words, or a group any or all");
        json.Done();
        return id is null ? null : new Trigger.Seen(id, [.. elements.Select(e => Elements[e])], codes, words);
    }
}
