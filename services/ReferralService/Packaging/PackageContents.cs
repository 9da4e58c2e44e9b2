using System.Buffers;
using System.Collections;
using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;
using ReferralService.Gathering;
using ReferralService.Ledger;

namespace ReferralService.Packaging;

/// <summary>What is carried, in its fixed order (<see cref="EntryOrder"/>), and which entry a reference leads to.</summary>
/// <remarks>Disposed when Bundle and manifest are written: then references lead nowhere any more, and the entries of a transaction have no names.</remarks>
internal sealed class PackageContents : IReadOnlyList<PackageEntry>, IDisposable
{
    /// <summary>Who may be the author of a Composition and the requester of a Task (R4).</summary>
    private static readonly string[] Authors = ["Practitioner", "PractitionerRole", "Organization", "Device", "Patient", "RelatedPerson"];

    private readonly GatheredResource[] _inOrder;
    private readonly PackageOrder _package;

    /// <summary>Names of the entries of a transaction, so that each is hashed once; null in other forms.</summary>
    private readonly PooledList<Guid>? _urns;

    private readonly KeyTable _byKey;

    /// <summary>What is no plain reference is parsed once.</summary>
    private readonly EntryTable<string> _targets;

    /// <exception cref="ArgumentException">A resource occurs twice.</exception>
    public PackageContents(GatheredRecord record, GatheredResource order, GatheredResource patient, PackageOrder package)
    {
        (Record, _package, Ehr) = (record, package, EhrAddress.Of(record));
        _inOrder = EntryOrder.Of(record.Resources, order, patient);
        _byKey = new KeyTable(_inOrder);
        _targets = new EntryTable<string>(16);
        for (int i = 0; i < _inOrder.Length; i++)
        {
            if (!_byKey.TryAdd(i)) throw new ArgumentException("A resource is in the record twice.", nameof(record));
        }

        if (package.Form == PackageForm.Transaction) _urns = Urns();
        Encounter = Named("encounter", ["Encounter"]);
        Requester = Named("requester", Authors);
    }

    public EhrAddress Ehr { get; }

    public GatheredRecord Record { get; }

    public IReadOnlyList<PackageEntry> Entries => this;

    public int Count => _inOrder.Length;

    public PackageEntry Order => this[0];

    public PackageEntry Patient => this[1];

    /// <summary>The order's encounter, when it is inside.</summary>
    public PackageEntry? Encounter { get; }

    /// <summary>The order's requester, when it is inside and may be an author.</summary>
    public PackageEntry? Requester { get; }

    public PackageEntry this[int index] => new(this, index);

    public GatheredResource ResourceAt(int position) => _inOrder[position];

    /// <summary>Null: it is named by where it stands.</summary>
    public Guid? UrnAt(int position)
    {
        if (_urns is not null) return _urns[position];
        // bdl-8: what looks like a version's address may not be a fullUrl.
        var resource = _inOrder[position];
        return resource.Address?.Contains("/_history/", StringComparison.Ordinal) == true ? Guid.Parse(resource.Key.Id) : null;
    }

    /// <summary>The entry a reference leads to, versioned or not, relative or absolute at the EHR; null when it leads nowhere or outside.</summary>
    public PackageEntry? Target(string reference) => TargetAt(reference) is var position and >= 0 ? this[position] : null;

    /// <summary>The same as a position; -1 for none.</summary>
    public int TargetAt(string reference)
    {
        if (Ehr.TryRead(reference, out var type, out var id, out _)) return _byKey.Find(type, id);
        if (!_targets.TryGet(reference, out int target))
        {
            target = Ehr.KeyOf(FhirReference.Parse(reference)) is { } key ? _byKey.Find(key.Type, key.Id) : -1;
            _targets.TryAdd(reference, target);
        }

        return target;
    }

    public IEnumerator<PackageEntry> GetEnumerator()
    {
        for (int i = 0; i < _inOrder.Length; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _urns?.Dispose();
        _byKey.Dispose();
        _targets.Dispose();
    }

    private PooledList<Guid> Urns()
    {
        var urns = new PooledList<Guid>(_inOrder.Length);
        using var named = new NameBasedUuids(_package.PackageId);
        byte[] name = ArrayPool<byte>.Shared.Rent(1024);
        for (int i = 0; i < _inOrder.Length; i++)
        {
            var entry = this[i];
            // Of a linked file its key, not where it was fetched: two files may differ in their queries alone.
            if (!entry.IsOfTheEhr)
            {
                urns.Add(named.Create(Encoding.UTF8.GetBytes(entry.Resource.Key.ToString())));
                continue;
            }

            if (name.Length < entry.MostUrlBytes)
            {
                ArrayPool<byte>.Shared.Return(name);
                name = ArrayPool<byte>.Shared.Rent(entry.MostUrlBytes);
            }

            urns.Add(named.Create(name.AsSpan(0, entry.WriteSource(name))));
        }

        ArrayPool<byte>.Shared.Return(name);
        return urns;
    }

    private PackageEntry? Named(string element, string[] types)
    {
        var references = Order.Resource.References;
        for (int i = 0; i < references.Count; i++)
        {
            var (_, _, site, text, path) = references[i];
            if (site == ReferenceSite.Reference && path == element && Target(text) is { } entry && types.Contains(entry.Resource.Key.Type)) return entry;
        }

        return null;
    }
}
