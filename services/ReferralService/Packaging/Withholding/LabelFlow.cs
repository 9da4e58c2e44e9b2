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

    /// <summary>Elements that say what something was done for, beside all that are named reasonReference: whoever knows the drug or the visit, knows what for.</summary>
    private static readonly HashSet<(string Type, string Path)> Reasons =
    [
        ("CarePlan", "addresses"), ("ClinicalImpression", "problem"), ("ClinicalImpression", "finding.itemReference"), ("Condition", "evidence.detail"), ("Encounter", "diagnosis.condition"),
        ("EpisodeOfCare", "diagnosis.condition"), ("Goal", "addresses"), ("RiskAssessment", "condition"),
    ];

    /// <param name="labels">Raised in place until nothing changes.</param>
    public static void Spread(IReadOnlyList<ConsentLink> links, Dictionary<ResourceKey, SecurityLabels> labels)
    {
        bool again = true;
        while (again)
        {
            again = false;
            foreach (var (from, to, _, _) in links)
            {
                if (!labels[to].SaysMoreThan(labels[from])) continue;
                labels[from] = labels[from].With(labels[to]);
                again = true;
            }
        }
    }

    /// <summary>Which resource of the record takes over whose labels; for files both ways, for the file is the document.</summary>
    /// <param name="order">What the clinician gave as its reason, goes with it: it is what the patient came for.</param>
    public static IReadOnlyList<ConsentLink> Links(IEnumerable<GatheredResource> resources, EhrAddress ehr, ResourceKey order, Func<ResourceKey, bool> known)
    {
        var links = new List<ConsentLink>();
        foreach (var resource in resources)
        {
            for (int i = 0; i < resource.References.Count; i++)
            {
                var reference = resource.References[i];
                bool file = reference.Site == ReferenceSite.AttachmentUrl;
                bool reason = reference.Site == ReferenceSite.Reference && resource.Key != order && IsReason(resource.Key.Type, reference.Path);
                if (!file && !reason && !(reference.Site == ReferenceSite.Reference && Repeats.Contains((resource.Key.Type, reference.Path)))) continue;
                if (ehr.KeyOf(reference.Text) is not { } key || key == resource.Key || !known(key)) continue;
                links.Add(new ConsentLink(resource.Key, key, file, reason));
                if (file) links.Add(new ConsentLink(key, resource.Key, file, false));
            }
        }

        return links;
    }

    private static bool IsReason(string type, string path)
        => path == "reasonReference" || path.EndsWith(".reasonReference", StringComparison.Ordinal) || Reasons.Contains((type, path));
}

/// <param name="From">Takes over the labels of <paramref name="To"/>.</param>
/// <param name="IsFile">They go together or not at all.</param>
/// <param name="IsReason">It has the labels of what it was done for, but says nothing else of it.</param>
internal sealed record ConsentLink(ResourceKey From, ResourceKey To, bool IsFile, bool IsReason);
