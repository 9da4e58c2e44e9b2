using ReferralService.Gathering;
using ReferralService.Gathering.Files;

namespace ReferralService.Packaging;

/// <summary>A resource of the record at its place in the package.</summary>
/// <param name="position">Among the carried resources, from 0.</param>
/// <param name="urn">Its fullUrl where that is not its address at the EHR.</param>
internal sealed class PackageEntry(int position, GatheredResource resource, GatheredRecord record, string? urn)
{
    public int Position { get; } = position;

    public GatheredResource Resource { get; } = resource;

    /// <summary>Where it stands at the EHR; of a linked file without query, for that may be a signature.</summary>
    public string Source => record.SourceUrl(Resource);

    /// <summary>In a transaction the recipient gives new ids, so entries are named by urn; else by where they are (interfaces §6), a linked file by its URL as the carried resource has it.</summary>
    public string FullUrl => urn ?? Resource.Address ?? Source;

    /// <summary>The same for us to show: without a signature.</summary>
    public string ShownUrl => urn ?? Source;

    /// <summary>Of a linked file: the other URLs in the record that lead to it, without their queries; null when there are none.</summary>
    public IReadOnlyList<string>? AlsoAt => Resource.Address is null ? null
        : record.Links.Where(l => l.Value == Resource.Key && l.Key != Resource.Address && Uri.IsWellFormedUriString(l.Key, UriKind.Absolute)).Select(l => FileLink.Show(l.Key))
            .Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } also ? also : null;
}
