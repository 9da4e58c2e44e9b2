using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Ledger;

namespace ReferralService.Packaging;

/// <summary>What is carried, in its fixed order (the order, the Patient, then by type and id), and which entry a reference leads to.</summary>
internal sealed class PackageContents
{
    /// <summary>Who may be the author of a Composition and the requester of a Task (R4).</summary>
    private static readonly string[] Authors = ["Practitioner", "PractitionerRole", "Organization", "Device", "Patient", "RelatedPerson"];

    private readonly Dictionary<ResourceKey, PackageEntry> _byKey;

    /// <summary>References repeat (every result names the Patient): each text is parsed once.</summary>
    private readonly Dictionary<string, PackageEntry?> _targets = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">A resource occurs twice.</exception>
    public PackageContents(GatheredRecord record, GatheredResource order, GatheredResource patient, PackageOrder package)
    {
        Ehr = EhrAddress.Of(record);
        GatheredResource[] inOrder = [.. record.Resources];
        Array.Sort(inOrder, (a, b) => Compare(a, b, order, patient));
        var entries = new PackageEntry[inOrder.Length];
        for (int i = 0; i < entries.Length; i++) entries[i] = new PackageEntry(i, inOrder[i], record, Urn(record, inOrder[i], package));
        Entries = entries;
        _byKey = entries.ToDictionary(e => e.Resource.Key);
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
            if (Ehr.KeyOf(FhirReference.Parse(reference)) is { } key) _byKey.TryGetValue(key, out target);
            _targets.Add(reference, target);
        }

        return target;
    }

    private static int Compare(GatheredResource a, GatheredResource b, GatheredResource order, GatheredResource patient)
    {
        int Rank(GatheredResource r) => ReferenceEquals(r, order) ? -2 : ReferenceEquals(r, patient) ? -1 : TypeRank.Of(r.Key.Type);
        int byRank = Rank(a).CompareTo(Rank(b));
        return byRank != 0 ? byRank : RecordIndex.ByTypeAndId(a.Key, b.Key);
    }

    private static string? Urn(GatheredRecord record, GatheredResource resource, PackageOrder package)
    {
        // Of a linked file its key, not where it was fetched: two files may differ in their queries alone.
        string name = resource.Address is null ? record.SourceUrl(resource) : resource.Key.ToString();
        if (package.Form == PackageForm.Transaction) return $"urn:uuid:{NameBasedUuid.Create(package.PackageId, name):D}";
        // bdl-8: what looks like a version's address may not be a fullUrl.
        return resource.Address?.Contains("/_history/", StringComparison.Ordinal) == true ? $"urn:uuid:{resource.Key.Id}" : null;
    }

    private PackageEntry? Named(string element, string[] types)
        => Order.Resource.References
            .Where(r => r.Site == ReferenceSite.Reference && r.Path == element)
            .Select(r => Target(r.Text))
            .FirstOrDefault(e => e is not null && types.Contains(e.Resource.Key.Type));
}
