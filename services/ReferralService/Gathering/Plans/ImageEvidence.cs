namespace ReferralService.Gathering.Plans;

/// <summary>Looks, when the record is closed, whether the images that a plan wants really came: a report may name a study that the EHR does not give.</summary>
internal static class ImageEvidence
{
    public const string Study = "ImagingStudy";

    public static PlannedRecord Completed(PlannedRecord planned, RecordIndex index)
    {
        var wanting = planned.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Imaging).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        if (wanting.Count == 0) return planned;

        var held = index.InOrder();
        var studies = held.Where(r => r.Key.Type == Study).SelectMany(s => s.Reasons.Where(r => r.From is not null).Select(r => (r.From, Study: s.Key))).ToLookup(s => s.From!, s => s.Study, StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in held.Where(r => r.Key.Type == Study || (studies.Count > 0 && studies.Contains(r.Key.ToString())))) shown.UnionWith(one.Reasons.Select(r => r.Rule));

        // From now on each has the images that are there, whatever it says of others: so the same can be asked again of what is carried in the end.
        return planned with
        {
            Checklist = planned.Checklist.Lacking("imaging", wanting, shown),
            Included = studies.Count == 0 && planned.Included.All(i => i.Images.Count == 0)
                ? planned.Included
                : [.. planned.Included.Select(i => i with { Images = [.. studies[i.Key.ToString()].Distinct()] })],
        };
    }
}
