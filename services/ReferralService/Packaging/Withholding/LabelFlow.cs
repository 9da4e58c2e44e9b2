using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>Carries labels over to those that say the same thing in another place: a report and its results, an order of a drug and the drug, a document and its file.</summary>
internal static class LabelFlow
{
    /// <summary>Elements by which a resource repeats, or only points to, what another one says: what that one is labelled, this one is.</summary>
    private static readonly HashSet<(string Type, string Path)> Repeats =
    [
        ("Binary", "securityContext"), ("Composition", "section.entry"), ("DiagnosticReport", "result"), ("DiagnosticReport", "media.link"), ("Observation", "hasMember"),
        ("Medication", "ingredient.itemReference"), ("MedicationAdministration", "medicationReference"), ("MedicationDispense", "medicationReference"), ("MedicationRequest", "medicationReference"),
        ("MedicationStatement", "medicationReference"), ("Provenance", "target"),
    ];

    /// <param name="labels">Raised in place until nothing changes.</param>
    public static void Spread(IReadOnlyList<ConsentLink> links, Dictionary<ResourceKey, SecurityLabels> labels)
    {
        bool again = true;
        while (again)
        {
            again = false;
            foreach (var (from, to, _) in links)
            {
                if (!labels[to].SaysMoreThan(labels[from])) continue;
                labels[from] = labels[from].With(labels[to]);
                again = true;
            }
        }
    }

    /// <summary>Which resource of the record takes over whose labels; for files both ways, for the file is the document.</summary>
    public static IReadOnlyList<ConsentLink> Links(IEnumerable<GatheredResource> resources, EhrAddress ehr, Func<ResourceKey, bool> known)
    {
        var links = new List<ConsentLink>();
        foreach (var resource in resources)
        {
            foreach (var reference in resource.References)
            {
                bool file = reference.Site == ReferenceSite.AttachmentUrl;
                if (!file && !(reference.Site == ReferenceSite.Reference && Repeats.Contains((resource.Key.Type, reference.Path)))) continue;
                if (ehr.KeyOf(FhirReference.Parse(reference.Text)) is not { } key || key == resource.Key || !known(key)) continue;
                links.Add(new ConsentLink(resource.Key, key, file));
                if (file) links.Add(new ConsentLink(key, resource.Key, file));
            }
        }

        return links;
    }
}

/// <param name="From">Takes over the labels of <paramref name="To"/>.</param>
/// <param name="IsFile">They go together or not at all.</param>
internal sealed record ConsentLink(ResourceKey From, ResourceKey To, bool IsFile);
