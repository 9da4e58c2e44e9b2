using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Everything known not to be in the package: what gathering could not have, and references by search, which nobody followed.</summary>
internal static class Omissions
{
    private const string Conditional = "conditional";

    /// <summary>In a fixed order, each once.</summary>
    public static IReadOnlyList<ManifestOmission> Of(GatheredRecord record)
    {
        var omitted = new HashSet<ManifestOmission>(record.Gaps.Select(g => new ManifestOmission(g.Reference, g.Reason, g.Rule)));
        var told = record.Gaps.Where(g => g.Reason == Conditional).Select(g => g.Rule).ToHashSet(StringComparer.Ordinal);
        foreach (var resource in record.Resources)
        {
            foreach (var reference in resource.References)
            {
                if (!reference.Text.Contains('?') || FhirReference.Parse(reference.Text) is not { Kind: ReferenceKind.Conditional, Type: { } type }) continue;
                string rule = $"{resource.Key.Type}.{reference.Path}";

                // Only the type: what is searched for may be a patient's identifier.
                if (!told.Contains(rule)) omitted.Add(new ManifestOmission($"{type}?", Conditional, rule));
            }
        }

        return [.. omitted
            .OrderBy(o => o.Reference, StringComparer.Ordinal)
            .ThenBy(o => o.Reason, StringComparer.Ordinal)
            .ThenBy(o => o.Rule, StringComparer.Ordinal)];
    }
}
