using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Looks, when the record is closed, whether the files that a plan wants really came: a document may name one that the EHR does not give.</summary>
internal static class FileEvidence
{
    public static PlannedRecord Completed(PlannedRecord planned, RecordIndex index, OwnOrigin own)
    {
        var wanting = planned.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Attachments).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        if (wanting.Count == 0) return planned;

        var shown = new HashSet<string>(StringComparer.Ordinal);
        var outside = new Dictionary<ResourceKey, IReadOnlyList<ResourceKey>>();
        foreach (var resource in index.InOrder())
        {
            if (!resource.Reasons.Any(r => wanting.Contains(r.Rule))) continue;
            var key = resource.Key;
            var urls = resource.References.Where(r => r.Site == ReferenceSite.AttachmentUrl).Select(r => r.Text).ToList();
            bool inside = index.FactsOf(resource).HasData;
            ResourceKey[] came = [.. urls.Select(url => FileAt(url, index, own)).OfType<ResourceKey>().Distinct()];
            if (!inside) outside.Add(key, came);
            if (inside || came.Length > 0) shown.UnionWith(resource.Reasons.Select(r => r.Rule));
        }

        return planned with
        {
            Checklist = planned.Checklist.Lacking("attachment", wanting, shown),
            Included = [.. planned.Included.Select(i => i with { Files = outside.GetValueOrDefault(i.Key) })],
        };
    }

    private static ResourceKey? FileAt(string url, RecordIndex index, OwnOrigin own)
        => FhirReference.Parse(url) is { Key: { } key } reference && own.Holds(reference) && index.Find(key) is not null ? key : index.FileAt(url);
}
