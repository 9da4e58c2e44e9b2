using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>A document that newer ones replace.</summary>
/// <param name="By">Those that go in its place: sorted, at least one.</param>
internal sealed record Replacement(ResourceKey Old, IReadOnlyList<ResourceKey> By);

/// <summary>Which documents say that they replace which others, whatever the status of these says: many servers never go back to mark the old one.</summary>
/// <remarks>What one says counts only while it goes itself and is no draft: else nobody would have either. Of documents that replace each other in a circle, none is the newer.</remarks>
internal sealed class ReplacedDocuments
{
    public const string Rule = "DocumentReference.relatesTo";

    /// <summary>R4's word for a document that another one replaced.</summary>
    public const string Status = "superseded";

    private readonly Dictionary<ResourceKey, HashSet<ResourceKey>> _older = [];
    private readonly HashSet<ResourceKey> _drafts = [];

    private ReplacedDocuments() { }

    /// <summary>Those whose word counts while they go.</summary>
    public IEnumerable<ResourceKey> Newer => _older.Keys.Where(key => !_drafts.Contains(key));

    public static ReplacedDocuments Of(RecordIndex index, OwnOrigin own)
    {
        byte[] buffer = [];
        var documents = new ReplacedDocuments();
        foreach (var held in index.InOrder())
        {
            var key = held.Key;
            if (key.Type != "DocumentReference" || !held.References.Any(r => r.Path == "relatesTo.target")) continue;
            using var document = JsonDocument.Parse(index.ThinBody(held, ref buffer));
            var (root, state) = (document.RootElement, document.RootElement.Text("docStatus"));
            if (state == "entered-in-error" || root.Text("status") == "entered-in-error") continue;
            var older = Targets(root).Where(own.Holds).Select(r => r.Key).OfType<ResourceKey>().Where(k => k != key).ToHashSet();
            if (older.Count == 0) continue;
            documents._older.Add(key, older);
            if (state == "preliminary") documents._drafts.Add(key);
        }

        if (documents._older.Count > 0) documents.LeaveOutCircles();
        return documents;
    }

    /// <summary>What these replace, and what that replaced before.</summary>
    public IReadOnlyList<Replacement> By(IEnumerable<ResourceKey> going)
    {
        var by = new Dictionary<ResourceKey, List<ResourceKey>>();
        foreach (var newer in going.Order(Comparer<ResourceKey>.Create(RecordIndex.ByTypeAndId)))
        {
            var seen = new HashSet<ResourceKey>();
            var next = new Queue<ResourceKey>([newer]);
            while (next.TryDequeue(out var key))
            {
                foreach (var old in Older(key).Where(seen.Add))
                {
                    if (!by.TryGetValue(old, out var all)) by.Add(old, all = []);
                    all.Add(newer);
                    next.Enqueue(old);
                }
            }
        }

        return [.. by.OrderBy(p => p.Key, Comparer<ResourceKey>.Create(RecordIndex.ByTypeAndId)).Select(p => new Replacement(p.Key, p.Value))];
    }

    /// <summary>Peels off what nothing replaces, then what replaces nothing: what is left stands in circles, or between two.</summary>
    private void LeaveOutCircles()
    {
        var left = new HashSet<ResourceKey>(_older.Keys.Concat(_older.Values.SelectMany(o => o)));
        var newer = _older.SelectMany(p => p.Value.Select(old => (Old: old, Newer: p.Key))).ToLookup(p => p.Old, p => p.Newer);
        Peel(left, key => newer[key], Older);
        Peel(left, Older, key => newer[key]);
        foreach (var key in left.Where(_older.ContainsKey)) _older[key].ExceptWith(left);
    }

    private static void Peel(HashSet<ResourceKey> left, Func<ResourceKey, IEnumerable<ResourceKey>> holds, Func<ResourceKey, IEnumerable<ResourceKey>> frees)
    {
        var held = left.ToDictionary(key => key, key => holds(key).Count(left.Contains));
        var next = new Queue<ResourceKey>(held.Where(h => h.Value == 0).Select(h => h.Key));
        while (next.TryDequeue(out var key))
        {
            left.Remove(key);
            foreach (var freed in frees(key).Where(left.Contains))
            {
                if (--held[freed] == 0) next.Enqueue(freed);
            }
        }
    }

    private IEnumerable<ResourceKey> Older(ResourceKey key) => _older.TryGetValue(key, out var older) ? older : [];

    private static IEnumerable<FhirReference> Targets(JsonElement document)
    {
        if (!document.TryGetProperty("relatesTo", out var relations) || relations.ValueKind != JsonValueKind.Array) yield break;
        foreach (var relation in relations.EnumerateArray())
        {
            if (relation.Text("code") == "replaces" && relation.TryGetProperty("target", out var target)
                && target.ValueKind == JsonValueKind.Object && target.Text("reference") is { } reference) yield return FhirReference.Parse(reference);
        }
    }
}
