using System.Collections;

namespace ReferralService.Packaging;

/// <summary>The manifest's line for each entry, made when it is asked for: of fifty thousand lines none is kept.</summary>
internal sealed class ManifestItems(IReadOnlyList<PackageEntry> entries) : IReadOnlyList<ManifestItem>
{
    public int Count => entries.Count;

    public ManifestItem this[int index] => ManifestItem.Of(entries[index]);

    public IEnumerator<ManifestItem> GetEnumerator() => entries.Select(ManifestItem.Of).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
