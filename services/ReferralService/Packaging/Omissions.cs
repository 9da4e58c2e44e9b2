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
        foreach (var resource in record.Resources)
        {
            foreach (var reference in resource.References)
            {
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
}
