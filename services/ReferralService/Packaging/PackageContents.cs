using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;
using ReferralService.Gathering;
using ReferralService.Ledger;

namespace ReferralService.Packaging;

/// <summary>What is carried, in its fixed order (the order, the Patient, then by type and id), and which entry a reference leads to.</summary>
internal sealed class PackageContents
{
    /// <summary>Who may be the author of a Composition and the requester of a Task (R4).</summary>
    private static readonly string[] Authors = ["Practitioner", "PractitionerRole", "Organization", "Device", "Patient", "RelatedPerson"];

    private readonly Dictionary<string, PackageEntry> _bySource;

    /// <summary>References repeat (every result names the Patient): each text is parsed once.</summary>
    private readonly Dictionary<string, PackageEntry?> _targets = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">A source URL occurs twice.</exception>
    public PackageContents(GatheredRecord record, GatheredResource order, GatheredResource patient, PackageOrder package)
    {
        Ehr = new EhrAddress(record.EhrBase);
        var inOrder = record.Resources
            .OrderBy(r => r == order ? 0 : r == patient ? 1 : 2)
            .ThenBy(r => TypeRank.Of(r.Key.Type))
            .ThenBy(r => r.Key.Type, StringComparer.Ordinal)
            .ThenBy(r => r.Key.Id, StringComparer.Ordinal)
            .ThenBy(r => r.SourceUrl, StringComparer.Ordinal);
        Entries = [.. inOrder.Select((r, i) => new PackageEntry(i, r, FullUrl(r, package)))];
        _bySource = Entries.ToDictionary(e => e.Resource.SourceUrl, StringComparer.Ordinal);
        Encounter = Named("encounter", ["Encounter"]);
        Requester = Named("requester", Authors);
    }

    public EhrAddress Ehr { get; }

    public IReadOnlyList<PackageEntry> Entries { get; }

    public PackageEntry Order => Entries[0];

    public PackageEntry Patient => Entries[1];

    /// <summary>The order's encounter, when it is inside.</summary>
    public PackageEntry? Encounter { get; }

    /// <summary>The order's requester, when it is inside and may be an author.</summary>
    public PackageEntry? Requester { get; }

    /// <summary>The entry a reference leads to, versioned or not, relative or absolute at the EHR; null when it leads nowhere or outside.</summary>
    public PackageEntry? Target(string reference)
    {
        if (!_targets.TryGetValue(reference, out var target))
        {
            if (Ehr.UrlOf(FhirReference.Parse(reference)) is { } url) _bySource.TryGetValue(url, out target);
            _targets.Add(reference, target);
        }

        return target;
    }

    /// <summary>In a transaction the recipient gives new ids, so entries are named by urn; else by where they are (interfaces §6).</summary>
    private static string FullUrl(GatheredResource resource, PackageOrder package)
        => package.Form == PackageForm.Transaction ? $"urn:uuid:{NameBasedUuid.Create(package.PackageId, resource.SourceUrl):D}" : resource.SourceUrl;

    private PackageEntry? Named(string element, string[] types)
        => Order.Resource.References
            .Where(r => r.Site == ReferenceSite.Reference && r.Path == element)
            .Select(r => Target(r.Text))
            .FirstOrDefault(e => e is not null && types.Contains(e.Resource.Key.Type));
}
