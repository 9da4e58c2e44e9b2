using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>A resource of the record at its place in the package.</summary>
/// <param name="position">Among the carried resources, from 0.</param>
/// <param name="urn">Its fullUrl where that is not its address at the EHR.</param>
internal sealed class PackageEntry(int position, GatheredResource resource, GatheredRecord record, string? urn)
{
    public int Position { get; } = position;

    public GatheredResource Resource { get; } = resource;

    /// <summary>Where it stands at the EHR.</summary>
    public string Source => record.SourceUrl(Resource);

    /// <summary>In a transaction the recipient gives new ids, so entries are named by urn; else by where they are (interfaces §6).</summary>
    public string FullUrl => urn ?? Source;
}
