using System.Text.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Looks, when the record is closed, whether the files that a plan wants really came: a document may name one that the EHR does not give.</summary>
internal static class FileEvidence
{
    public static PlannedRecord Completed(PlannedRecord planned, RecordIndex index)
    {
        var wanting = planned.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Attachments).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        if (wanting.Count == 0) return planned;

        var held = index.Keys();
        var files = held.Where(k => k.Type == "Binary").SelectMany(k => index.Find(k)!.Reasons.Where(r => r.From is not null).Select(r => (r.From, File: k))).ToLookup(f => f.From!, f => f.File, StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        var outside = new Dictionary<ResourceKey, IReadOnlyList<ResourceKey>>();
        byte[] buffer = [];
        foreach (var key in held)
        {
            var resource = index.Find(key)!;
            if (!resource.Reasons.Any(r => wanting.Contains(r.Rule))) continue;
            bool linked = resource.References.Any(r => r.Site == ReferenceSite.AttachmentUrl);
            bool inside = HasInside(RawResource.Read(index.ThinBody(resource, ref buffer)));
            if (linked && !inside) outside.Add(key, [.. files[key.ToString()].Distinct()]);
            if (inside || files.Contains(key.ToString())) shown.UnionWith(resource.Reasons.Select(r => r.Rule));
        }

        var rows = planned.Checklist.Rows.Select(row => row.Status != CheckStatus.Absent && wanting.Contains(row.Item) && !shown.Contains(row.Item) ? Lacking(row) : row);
        return planned with
        {
            Checklist = planned.Checklist with { Rows = [.. rows] },
            Included = [.. planned.Included.Select(i => i with { Files = outside.GetValueOrDefault(i.Key) })],
        };
    }

    private static ChecklistRow Lacking(ChecklistRow row) => row.Lacks.Contains("attachment") ? row : row with { Lacks = ["attachment", .. row.Lacks] };

    private static bool HasInside(RawResource resource)
    {
        using var document = JsonDocument.Parse(resource.Utf8);
        return HasData(document.RootElement, "presentedForm") || HasData(document.RootElement, "content");
    }

    private static bool HasData(JsonElement parent, string name) => parent.TryGetProperty(name, out var found) && found switch
    {
        { ValueKind: JsonValueKind.Array } => found.EnumerateArray().Any(IsData),
        _ => IsData(found),
    };

    private static bool IsData(JsonElement file)
        => file.ValueKind == JsonValueKind.Object && (file.TryGetProperty("data", out _) || (file.TryGetProperty("attachment", out var attachment) && IsData(attachment)));
}
