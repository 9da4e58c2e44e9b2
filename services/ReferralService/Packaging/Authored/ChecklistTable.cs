using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering.Plans;
using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Authored;

/// <summary>By which record plans the record was put together, and what of theirs is inside, for a person to read at a glance.</summary>
/// <remarks>
/// It speaks of what goes, not of what was gathered: what was withheld looks as if it had never been there. A plan that only a withheld Condition
/// chose is not named, for its name would tell.
/// </remarks>
internal static class ChecklistTable
{
    private const string ByCondition = "< ServiceRequest.reasonReference", ByPlan = "included-by:";

    /// <summary>Null when there is nothing to say.</summary>
    public static Narrative? Of(PlannedRecord planned, PackageContents contents)
    {
        bool reasonsGo = contents.Order.Resource.References.All(r => r is not { Site: ReferenceSite.Reference, Path: "reasonReference" } || contents.Target(r.Text) is not null);
        var told = Told(planned.Plans, reasonsGo);
        if (told.Count == 0) return null;

        var carried = contents.Entries.Select(e => e.Resource.Key).ToHashSet();
        var rules = contents.Entries.SelectMany(e => e.Resource.Reasons).Select(r => r.Rule).Where(r => r.StartsWith("plan:", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        bool IsOfTold(string rule) => told.Exists(p => rule.StartsWith($"plan:{p.Id}/", StringComparison.Ordinal));

        var narrative = new Narrative().Paragraph("Chosen by these record plans; a clinician must review what they ask for:").List(told.Select(p => $"{ReadableText.Of(p.Title)} ({p.Id} {p.Version}{(p.Status == PlanStatus.Draft ? ", draft" : "")})"));
        var rows = planned.Checklist.Rows.Where(r => IsOfTold(r.Item)).OrderBy(r => r.Must ? 0 : 1).Select(r => Row(r, carried, rules)).ToList();
        if (rows.Count > 0) narrative.Table(["What the plans ask for", "", "Inside", "Newest"], rows);
        var alarms = planned.Checklist.Alarms.Where(a => IsOfTold(a.Rule) && carried.Any(k => k.ToString() == a.Resource)).Select(a => $"{ReadableText.Of(a.Label)}{(DateText.Of(a.Date) is { } day ? $", {day}" : "")}").Distinct(StringComparer.Ordinal).ToList();
        return alarms.Count == 0 ? narrative : narrative.Paragraph("To be looked at first:").List(alarms);
    }

    /// <summary>In their order. A plan that another one includes is told of when that one is, or when it has a reason of its own.</summary>
    private static List<RecordPlan> Told(IReadOnlyList<ChosenPlan> plans, bool reasonsGo)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        bool Shows(string because) => because.StartsWith(ByPlan, StringComparison.Ordinal) ? told.Contains(because[ByPlan.Length..]) : reasonsGo || !because.EndsWith(ByCondition, StringComparison.Ordinal);
        for (int before = -1; before < told.Count;)
        {
            before = told.Count;
            told.UnionWith(plans.Where(p => p.Because.Any(Shows)).Select(p => p.Plan.Id).ToList());
        }

        return [.. plans.Select(p => p.Plan).Where(p => told.Contains(p.Id))];
    }

    private static string?[] Row(ChecklistRow row, HashSet<ResourceKey> carried, HashSet<string> rules)
    {
        string need = row.Must ? "must have" : "should have", label = ReadableText.Of(row.Label) ?? row.Item;
        if (row.Newest is not { } newest || !carried.Contains(newest)) return [label, need, rules.Contains(row.Item) ? "yes" : "no", null];
        var lacks = string.Concat(row.Lacks.Select(l => l == "imaging" ? ", without images" : ", without its file"));
        return [label, need, $"yes{(row.Status == CheckStatus.Stale ? ", older than wanted" : "")}{lacks}", DateText.Of(row.Date)];
    }
}
