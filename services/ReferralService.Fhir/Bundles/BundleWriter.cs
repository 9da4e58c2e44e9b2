using System.Buffers;

namespace ReferralService.Fhir.Bundles;

/// <summary>Entry.request of a transaction.</summary>
public readonly record struct EntryRequest(string Method, string Url);

/// <summary>Writes a Bundle by copying slices: nothing is parsed, nothing reformatted. Compact JSON, elements in R4's order.</summary>
public sealed class BundleWriter(IBufferWriter<byte> output)
{
    public int Entries { get; private set; }

    /// <summary>Opens the Bundle: resourceType, id, identifier, type, timestamp.</summary>
    public void Begin(string type, string id, string identifierSystem, string identifierValue, DateTimeOffset timestamp)
        => throw new NotImplementedException();

    /// <summary>Writes one entry around a resource's bytes.</summary>
    public void Entry(string fullUrl, ReadOnlySpan<byte> resource, EntryRequest? request = null) => throw new NotImplementedException();

    /// <summary>Writes one entry whose resource is written by <paramref name="write"/> (a rewritten resource).</summary>
    public void Entry(string fullUrl, Action<IBufferWriter<byte>> write, EntryRequest? request = null) => throw new NotImplementedException();

    public void End() => throw new NotImplementedException();

    internal IBufferWriter<byte> Output { get; } = output;
}
