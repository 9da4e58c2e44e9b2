using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

internal enum CheckStatus
{
    Present,

    /// <summary>There, and the newest is older than the plan wants, or does not say how old it is.</summary>
    Stale,
    Absent,
}

/// <summary>Whether one thing a plan wants is in the record.</summary>
/// <param name="Item">Its rule: <c>plan:urology-psa/psa-series</c>.</param>
/// <param name="Date">Of the newest, as written, to the day; null when there is none or it has none.</param>
/// <param name="Lacks"><c>attachment</c>, <c>imaging</c>: what was wanted with it and no match has.</param>
internal sealed record ChecklistRow(string Item, string Label, bool Must, CheckStatus Status, string? Date, IReadOnlyList<string> Lacks)
{
    /// <summary>What <see cref="Status"/> and <see cref="Date"/> speak of; null when there is none.</summary>
    public ResourceKey? Newest { get; init; }
}

/// <summary>Something in the newest results that must catch the eye; says no value.</summary>
/// <param name="Resource"><c>Observation/123</c>.</param>
internal sealed record PlanAlarm(string Rule, string Label, string Resource, string? Date);

/// <summary>What the plans want, against what was seen. A function of what the judge saw.</summary>
/// <param name="Rows">By rule.</param>
/// <param name="HoldFor">Rules of the must items that are absent and whose plan says to hold; empty: send.</param>
internal sealed record Checklist(IReadOnlyList<ChecklistRow> Rows, IReadOnlyList<PlanAlarm> Alarms, IReadOnlyList<string> HoldFor)
{
    public bool Hold => HoldFor.Count > 0;

    /// <summary>The same, where what is there lacks something that came with none of it.</summary>
    /// <param name="wanting">Rules of the items that want it.</param>
    /// <param name="shown">Rules of those that have it.</param>
    public Checklist Lacking(string what, IReadOnlySet<string> wanting, IReadOnlySet<string> shown) => this with
    {
        Rows =
        [
            .. Rows.Select(row => row.Status == CheckStatus.Absent || !wanting.Contains(row.Item) || shown.Contains(row.Item) || row.Lacks.Contains(what)
                ? row
                : row with { Lacks = [.. row.Lacks.Append(what).Order(StringComparer.Ordinal)] }),
        ],
    };

    public static Checklist Of(IReadOnlyList<ChosenPlan> plans, RelevanceJudge judge)
    {
        var rows = new List<ChecklistRow>();
        var alarms = new List<PlanAlarm>();
        foreach (var item in judge.Items.Where(i => i.Need != Need.MustNot))
        {
            var newest = judge.NewestOf(item).OrderBy(m => m.Rank).ToList();
            rows.Add(Row(item, newest, judge));
            alarms.AddRange(judge.AlarmingOf(item).SelectMany(m => m.Alarms.Select(a => new PlanAlarm(a.Rule, a.Label, m.Rank.Key.ToString(), m.When?.Day))));
        }

        var holding = plans.Where(p => p.Plan.WhenMissing == WhenMissing.Hold).SelectMany(p => p.Plan.Items).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        return new Checklist(
            rows,
            [.. alarms.OrderBy(a => a.Rule, StringComparer.Ordinal).ThenBy(a => a.Resource, StringComparer.Ordinal)],
            [.. rows.Where(r => r.Must && r.Status == CheckStatus.Absent && holding.Contains(r.Item)).Select(r => r.Item)]);
    }

    private static ChecklistRow Row(PlanItem item, List<NewestFew.Match> newest, RelevanceJudge judge)
    {
        bool must = item.Need == Need.Must;
        if (newest.Count == 0) return new ChecklistRow(item.Rule, item.Label, must, CheckStatus.Absent, null, []);
        var when = newest[0].When;
        bool stale = item.StaleAfter is { } age && !(when?.Earliest >= age.Before(judge.Now));
        var lacks = new List<string>();
        if (item.Attachments && !judge.IsShown(item, Evidence.File)) lacks.Add("attachment");
        if (item.Imaging && !judge.IsShown(item, Evidence.Images)) lacks.Add("imaging");
        return new ChecklistRow(item.Rule, item.Label, must, stale ? CheckStatus.Stale : CheckStatus.Present, when?.Day, lacks) { Newest = newest[0].Rank.Key };
    }
}
