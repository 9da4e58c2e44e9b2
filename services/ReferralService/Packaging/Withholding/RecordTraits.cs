using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>Reads from a whole record what decides what of it goes.</summary>
internal static class RecordTraits
{
    public const string Consent = "Consent";

    public static ResourceKey OrderOf(GatheredRecord record) => new("ServiceRequest", record.Order.View.Id);

    public static List<PatientConsent> Consents(GatheredRecord record)
    {
        var bodies = new CarriedBodies(record);
        var consents = new List<PatientConsent>();
        foreach (var resource in record.Resources)
        {
            if (resource.Key.Type == Consent) consents.Add(PatientConsent.Read(RawResource.Read(bodies.ReadThin(resource)), resource.Key.ToString(), resource.VersionId));
        }

        return consents;
    }

    /// <param name="asked">There are Consents to be held against it; else nobody asks what means the recipient.</param>
    public static DisclosureScene Scene(GatheredRecord record, EhrAddress ehr, IEnumerable<string> recipient, DateTimeOffset at, bool asked)
    {
        var names = asked ? RecipientNames.Of(record, ehr, recipient) : [];
        return new DisclosureScene(ehr, $"{record.EhrBase}/{record.Patient}", $"{record.EhrBase}/ServiceRequest/{record.Order.View.Id}", names, at)
        {
            Above = asked ? RecipientNames.Above(record, ehr, names) : names,
        };
    }

    /// <param name="labelledOnly">Of what bears labels; else of everything, and when it was.</param>
    public static Dictionary<ResourceKey, ResourceTraits> Of(GatheredRecord record, LabelBook book, bool labelledOnly, CancellationToken cancellationToken)
    {
        var bodies = new CarriedBodies(record);
        var traits = new Dictionary<ResourceKey, ResourceTraits>();
        foreach (var resource in record.Resources)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Files are not looked into: neither codes nor labels stand in base64.
            var body = bodies.ReadThin(resource).Span;
            if (labelledOnly && !book.Signs.StandIn(body)) continue;
            var its = ResourceTraits.Read(body, book);
            if (!labelledOnly || !ReferenceEquals(its.Labels, SecurityLabels.None)) traits.Add(resource.Key, its);
        }

        return traits;
    }

    /// <summary>With the labels of what each repeats, leads to, or was done for.</summary>
    public static List<ConsentItem> Items(GatheredRecord record, EhrAddress ehr, Dictionary<ResourceKey, ResourceTraits> own)
    {
        var labels = Labels(record, own);
        LabelFlow.Spread(LabelFlow.Links(record.Resources, ehr, OrderOf(record), labels.ContainsKey), labels);
        var items = new List<ConsentItem>(record.Resources.Count);
        foreach (var resource in record.Resources)
        {
            if (resource.Key.Type == Consent) continue;
            var (its, all) = (own.GetValueOrDefault(resource.Key, ResourceTraits.Plain), labels[resource.Key]);
            items.Add(new ConsentItem(resource, ReferenceEquals(all, its.Labels) ? its : its with { Labels = all }));
        }

        return items;
    }

    /// <summary>Each one's own.</summary>
    public static Dictionary<ResourceKey, SecurityLabels> Labels(GatheredRecord record, Dictionary<ResourceKey, ResourceTraits> own)
    {
        var labels = new Dictionary<ResourceKey, SecurityLabels>(record.Resources.Count);
        foreach (var resource in record.Resources) labels.Add(resource.Key, own.GetValueOrDefault(resource.Key, ResourceTraits.Plain).Labels);
        return labels;
    }
}
