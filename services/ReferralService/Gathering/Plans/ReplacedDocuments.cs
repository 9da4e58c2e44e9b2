using System.Text.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Documents that a newer one says it replaces, whatever their own status says: many servers never go back to mark the old one.</summary>
internal static class ReplacedDocuments
{
    public const string Rule = "DocumentReference.relatesTo";

    /// <summary>R4's word for a document that another one replaced.</summary>
    public const string Status = "superseded";

    public static IReadOnlySet<ResourceKey> Of(RecordIndex index)
    {
        byte[] buffer = [];
        var replaced = new HashSet<ResourceKey>();
        foreach (var key in index.Keys().Where(k => k.Type == "DocumentReference"))
        {
            var held = index.Find(key)!;
            if (!held.References.Any(r => r.Path == "relatesTo.target")) continue;
            using var document = JsonDocument.Parse(index.ThinBody(held, ref buffer));
            replaced.UnionWith(Targets(document.RootElement).Where(target => target != key));
        }

        return replaced;
    }

    private static IEnumerable<ResourceKey> Targets(JsonElement document)
    {
        if (!document.TryGetProperty("relatesTo", out var relations) || relations.ValueKind != JsonValueKind.Array) yield break;
        foreach (var relation in relations.EnumerateArray())
        {
            if (relation.ValueKind == JsonValueKind.Object && Text(relation, "code") == "replaces" && relation.TryGetProperty("target", out var target)
                && target.ValueKind == JsonValueKind.Object && Text(target, "reference") is { } reference && FhirReference.Parse(reference).Key is { } key) yield return key;
        }
    }

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
