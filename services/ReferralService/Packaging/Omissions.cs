using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Everything known not to be in the package: what gathering could not have, and references by search, which nobody followed.</summary>
internal static class Omissions
{
    /// <summary>In a fixed order, each once.</summary>
    /// <param name="withheld">What was gathered and does not go.</param>
    public static IReadOnlyList<ManifestOmission> Of(GatheredRecord record, IReadOnlyList<ManifestOmission> withheld)
    {
        var omitted = new HashSet<ManifestOmission>(withheld);
        omitted.UnionWith(record.Gaps.Select(g => new ManifestOmission(g.Reference, g.Reason, g.Rule)));
        omitted.UnionWith(ReplacedByWithheld(record, withheld));
        for (int i = 0; i < record.Resources.Count; i++)
        {
            var resource = record.Resources[i];
            for (int j = 0; j < resource.References.Count; j++)
            {
                var reference = resource.References[j];
                if (!reference.Text.Contains('?') || FhirReference.Parse(reference.Text) is not { Kind: ReferenceKind.Conditional, Type: { } type }) continue;
                bool order = resource.Key.Type == "ServiceRequest" && resource.Key.Id == record.Order.View.Id;

                // In gathering's words, so that what it has told is not told twice. Only the type: what is searched for may be a patient's identifier.
                omitted.Add(new ManifestOmission($"{type}?conditional", "conditional", $"{(order ? "order" : resource.Key.Type)}.{reference.Path}"));
            }
        }

        return [.. omitted
            .OrderBy(o => o.Reference, StringComparer.Ordinal)
            .ThenBy(o => o.Reason, StringComparer.Ordinal)
            .ThenBy(o => o.Rule, StringComparer.Ordinal)];
    }

    /// <summary>An old document stays away because a newer one goes in its place. Where that one is withheld, so is the old: it counts as that, and is not lost without a word.</summary>
    private static IEnumerable<ManifestOmission> ReplacedByWithheld(GatheredRecord record, IReadOnlyList<ManifestOmission> withheld)
    {
        if (withheld.Count == 0 || record.Planned is not { Replaced.Count: > 0 } planned) yield break;
        var why = withheld.DistinctBy(w => w.Reference).ToDictionary(w => w.Reference, StringComparer.Ordinal);
        var carried = record.Resources.Select(r => r.Key).ToHashSet();
        foreach (var old in planned.Replaced)
        {
            string key = old.Old.ToString();
            if (carried.Contains(old.Old) || why.ContainsKey(key) || old.By.Any(carried.Contains)) continue;
            if (!record.Gaps.Any(g => g.Reason == GapReason.Replaced && g.Reference == key)) continue;
            if (old.By.Select(by => why.GetValueOrDefault(by.ToString())).OfType<ManifestOmission>().FirstOrDefault() is { } newer)
                yield return new ManifestOmission(key, newer.Reason, $"with {newer.Reference}: {newer.Rule}");
        }
    }
}
