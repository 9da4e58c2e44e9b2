namespace ReferralService.Gathering.Plans;

/// <summary>Looks, when the record is closed, whether the images that a plan wants really came: a report may name a study that the EHR does not give.</summary>
internal static class ImageEvidence
{
    public static PlannedRecord Completed(PlannedRecord planned, RecordIndex index)
    {
        var wanting = planned.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Imaging).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        if (wanting.Count == 0) return planned;

        var held = index.Keys();
        var studied = held.Where(k => k.Type == "ImagingStudy").SelectMany(k => index.Find(k)!.Reasons).Select(r => r.From).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in held.Where(k => k.Type == "ImagingStudy" || studied.Contains(k.ToString()))) shown.UnionWith(index.Find(key)!.Reasons.Select(r => r.Rule));

        var rows = planned.Checklist.Rows.Select(row => row.Status != CheckStatus.Absent && wanting.Contains(row.Item) && !shown.Contains(row.Item) ? Lacking(row) : row);
        return planned with { Checklist = planned.Checklist with { Rows = [.. rows] } };
    }

    private static ChecklistRow Lacking(ChecklistRow row) => row.Lacks.Contains("imaging") ? row : row with { Lacks = [.. row.Lacks, "imaging"] };
}
