using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Looks, when the record is closed, whether the images that a plan wants really came: a report may name a study that the EHR does not give.</summary>
internal static class ImageEvidence
{
    private const string Study = "ImagingStudy";

    public static PlannedRecord Completed(PlannedRecord planned, RecordIndex index)
    {
        var wanting = planned.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Imaging).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        if (wanting.Count == 0) return planned;

        var held = index.Keys();
        var studies = held.Where(k => k.Type == Study).SelectMany(k => index.Find(k)!.Reasons.Where(r => r.From is not null).Select(r => (r.From, Study: k))).ToLookup(s => s.From!, s => s.Study, StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in held.Where(k => k.Type == Study || studies.Contains(k.ToString()))) shown.UnionWith(index.Find(key)!.Reasons.Select(r => r.Rule));

        var rows = planned.Checklist.Rows.Select(row => row.Status != CheckStatus.Absent && wanting.Contains(row.Item) && !shown.Contains(row.Item) ? Lacking(row) : row);
        return planned with { Checklist = planned.Checklist with { Rows = [.. rows] }, Included = [.. planned.Included.Select(i => Shown(i, studies[i.Facts.Key.ToString()]))] };
    }

    /// <summary>From now on it has the images that are there, whatever it says of others: so the same can be asked again of what is carried in the end.</summary>
    private static PlannedRecord.Chosen Shown(PlannedRecord.Chosen chosen, IEnumerable<ResourceKey> studies)
        => chosen with { Facts = chosen.Facts with { HasImages = chosen.Facts.Key.Type == Study }, Images = [.. studies.Distinct()] };

    private static ChecklistRow Lacking(ChecklistRow row) => row.Lacks.Contains("imaging") ? row : row with { Lacks = [.. row.Lacks, "imaging"] };
}
