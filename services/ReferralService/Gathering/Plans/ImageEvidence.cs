namespace ReferralService.Gathering.Plans;

/// <summary>Looks, when the record is closed, whether the images that a plan wants really came: a report may name a study that the EHR does not give.</summary>
internal static class ImageEvidence
{
    public const string Study = "ImagingStudy";

    public static PlannedRecord Completed(PlannedRecord planned, RecordIndex index)
    {
        var wanting = planned.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Imaging).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        if (wanting.Count == 0) return planned;

        var held = index.Keys();
        var studies = held.Where(k => k.Type == Study).SelectMany(k => index.Find(k)!.Reasons.Where(r => r.From is not null).Select(r => (r.From, Study: k))).ToLookup(s => s.From!, s => s.Study, StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in held.Where(k => k.Type == Study || studies.Contains(k.ToString()))) shown.UnionWith(index.Find(key)!.Reasons.Select(r => r.Rule));

        // From now on each has the images that are there, whatever it says of others: so the same can be asked again of what is carried in the end.
        return planned with
        {
            Checklist = planned.Checklist.Lacking("imaging", wanting, shown),
            Included = [.. planned.Included.Select(i => i with { Images = [.. studies[i.Key.ToString()].Distinct()] })],
        };
    }
}
