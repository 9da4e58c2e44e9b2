using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>References that say in their <c>display</c> what they lead to. Resources go byte for byte, so what names something withheld stays with it.</summary>
/// <param name="spared">The order, which the clinician wrote for this recipient, and the Patient: without them nothing goes.</param>
/// <param name="harmless">Visits that stay for their diagnosis alone: each result of the day bears their name, and it is "Office visit".</param>
internal sealed class TellingReferences(GatheredRecord record, EhrAddress ehr, IReadOnlyCollection<ResourceKey> spared, IReadOnlySet<ResourceKey> harmless)
{
    private const int MaxDepth = 128;
    private readonly CarriedBodies _bodies = new(record);

    /// <summary>What each resource that was looked at names.</summary>
    private readonly Dictionary<ResourceKey, HashSet<ResourceKey>> _named = [];

    /// <returns>Whether something more stays now.</returns>
    public bool Keep(Dictionary<ResourceKey, (ConsentItem Item, Ruling Ruling)> rulings)
    {
        var withheld = rulings.Where(r => r.Value.Ruling.Reason is not null && !harmless.Contains(r.Key)).Select(r => r.Key).ToHashSet();
        if (withheld.Count == 0) return false;
        var found = new List<(ResourceKey Key, ResourceKey Named)>();
        foreach (var (key, (item, ruling)) in rulings)
        {
            if (ruling.Reason is not null || spared.Contains(key) || !item.Resource.References.Any(r => ehr.KeyOf(r.Text) is { } to && withheld.Contains(to))) continue;
            var named = Named(item.Resource).Where(withheld.Contains).OrderBy(k => k.ToString(), StringComparer.Ordinal).ToList();
            if (named.Count > 0) found.Add((key, named.Find(k => rulings[k].Ruling.Denied) is { Type: not null } denied ? denied : named[0]));
        }

        foreach (var (key, named) in found) rulings[key] = (rulings[key].Item, rulings[named].Ruling.With(named));
        return found.Count > 0;
    }

    private HashSet<ResourceKey> Named(GatheredResource resource)
    {
        if (_named.TryGetValue(resource.Key, out var named)) return named;
        return _named[resource.Key] = [.. In(_bodies.ReadThin(resource).Span).Select(text => ehr.KeyOf(text)).OfType<ResourceKey>()];
    }

    /// <summary>The literal references that have a display, wherever they stand.</summary>
    private static List<string> In(ReadOnlySpan<byte> utf8)
    {
        var found = new List<string>();
        var open = new Stack<(string? Reference, bool Display)>();
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        string? name = null;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    open.Push(default);
                    break;
                case JsonTokenType.EndObject:
                    if (open.Pop() is ({ } text, true)) found.Add(text);
                    break;
                case JsonTokenType.PropertyName:
                    name = reader.ValueTextEquals("reference"u8) ? "reference" : reader.ValueTextEquals("display"u8) ? "display" : null;
                    continue;
                case JsonTokenType.String when name is not null:
                    var (reference, display) = open.Pop();
                    open.Push(name == "reference" ? (reader.GetString(), display) : (reference, true));
                    break;
            }

            name = null;
        }

        return found;
    }
}
