namespace ReferralService.Fhir.Resources;

/// <summary>One resource as it was received: its UTF-8 bytes untouched, and the four facts every room needs.</summary>
/// <remarks>The bytes are borrowed from whoever read them (page buffer, spool); copy them to keep them.</remarks>
public sealed class RawResource
{
    private RawResource(ReadOnlyMemory<byte> utf8, string type, string? id, string? versionId, string? lastUpdated)
    {
        (Utf8, Type, Id, VersionId, LastUpdated) = (utf8, type, id, versionId, lastUpdated);
    }

    public ReadOnlyMemory<byte> Utf8 { get; }

    public string Type { get; }

    public string? Id { get; }

    public string? VersionId { get; }

    /// <summary>meta.lastUpdated as it is written; null when absent.</summary>
    public string? LastUpdated { get; }

    public ResourceKey? Key => Id is null ? null : new ResourceKey(Type, Id);

    /// <summary>Reads one resource in one forward pass.</summary>
    /// <exception cref="Errors.FhirFormatException">Not JSON, not a resource, deeper than 64, or a key twice in one object.</exception>
    public static RawResource Read(ReadOnlyMemory<byte> utf8) => throw new NotImplementedException();
}
