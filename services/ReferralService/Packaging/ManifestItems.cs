using System.Collections;

namespace ReferralService.Packaging;

/// <summary>The manifest's line for each entry, made when it is asked for: of fifty thousand lines none is kept.</summary>
internal sealed class ManifestItems(PackageContents contents) : IReadOnlyList<ManifestItem>
{
    public int Count => contents.Count;

    public ManifestItem this[int index] => ManifestItem.Of(contents[index]);

    /// <summary>What <see cref="this"/> tells of.</summary>
    public PackageEntry EntryAt(int index) => contents[index];

    public IEnumerator<ManifestItem> GetEnumerator() => contents.Select(ManifestItem.Of).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
