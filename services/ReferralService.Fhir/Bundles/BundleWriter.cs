using System.Buffers;
using System.Globalization;
using System.Text;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Bundles;

/// <summary>Entry.request of a transaction.</summary>
public readonly record struct EntryRequest(string Method, string Url);

/// <summary>Writes a Bundle by copying slices: nothing is parsed, nothing reformatted. Compact JSON, elements in R4's order.</summary>
/// <remarks>
/// Keeps the invariants a writer can see: bdl-3 (request in a transaction or batch and nowhere else), bdl-7 (no fullUrl twice),
/// bdl-8 (no versioned fullUrl), bdl-9 and bdl-10 (identifier and timestamp always stand). That a document begins with its Composition
/// (bdl-11) and a message with its MessageHeader (bdl-12) is the caller's order of entries.
/// </remarks>
public sealed class BundleWriter(IBufferWriter<byte> output) : IDisposable
{
    private readonly UrlSet _fullUrls = new();
    private Stage _stage;
    private bool _wantsRequests;
    private EntryRequest? _request;

    private enum Stage
    {
        Before,
        Open,
        InEntry,
        Closed,
    }

    public int Entries { get; private set; }

    /// <summary>Opens the Bundle: resourceType, id, meta, identifier, type, timestamp.</summary>
    /// <param name="timestamp">Written in UTC to the millisecond.</param>
    /// <param name="security">Becomes meta.security; no meta when there is none.</param>
    public void Begin(string type, string id, string identifierSystem, string identifierValue, DateTimeOffset timestamp, IReadOnlyList<CodingView>? security = null)
    {
        Expect(Stage.Before);
        _stage = Stage.Open;
        _wantsRequests = type is "transaction" or "batch";
        output.Write("{\"resourceType\":\"Bundle\",\"id\":"u8);
        JsonStrings.WriteQuoted(output, id);
        if (security is { Count: > 0 }) WriteSecurity(security);
        output.Write(",\"identifier\":{\"system\":"u8);
        JsonStrings.WriteQuoted(output, identifierSystem);
        output.Write(",\"value\":"u8);
        JsonStrings.WriteQuoted(output, identifierValue);
        output.Write("},\"type\":"u8);
        JsonStrings.WriteQuoted(output, type);
        output.Write(",\"timestamp\":\""u8);
        Encoding.ASCII.GetBytes(timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), output);
        output.Write("\""u8);
    }

    /// <summary>Writes one entry around a resource's bytes.</summary>
    /// <exception cref="InvalidOperationException">The entry would break an invariant of the Bundle.</exception>
    public void Entry(string fullUrl, ReadOnlySpan<byte> resource, EntryRequest? request = null)
    {
        if (resource.IsEmpty) throw new ArgumentException("An entry needs its resource's bytes.", nameof(resource));
        BeginEntry(fullUrl, request);
        output.Write(resource);
        EndEntry();
    }

    /// <summary>Writes one entry whose resource is written by <paramref name="write"/> (a rewritten resource).</summary>
    /// <exception cref="InvalidOperationException">The entry would break an invariant of the Bundle.</exception>
    public void Entry(string fullUrl, Action<IBufferWriter<byte>> write, EntryRequest? request = null)
    {
        BeginEntry(fullUrl, request);
        write(output);
        EndEntry();
    }

    /// <summary>Closes the Bundle. One without entries has no <c>entry</c>: FHIR JSON knows no empty array.</summary>
    public void End()
    {
        Expect(Stage.Open);
        _stage = Stage.Closed;
        output.Write(Entries > 0 ? "]}"u8 : "}"u8);
    }

    /// <summary>Opens one entry whose resource the caller then writes, in its own time, to the same output; <see cref="EndEntry"/> follows.</summary>
    /// <exception cref="InvalidOperationException">The entry would break an invariant of the Bundle.</exception>
    public void BeginEntry(string fullUrl, EntryRequest? request = null)
    {
        int most = Encoding.UTF8.GetMaxByteCount(fullUrl.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            BeginEntry(rented.AsSpan(0, Encoding.UTF8.GetBytes(fullUrl, rented)), request);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <param name="fullUrl">In UTF-8.</param>
    /// <exception cref="InvalidOperationException">The entry would break an invariant of the Bundle.</exception>
    public void BeginEntry(ReadOnlySpan<byte> fullUrl, EntryRequest? request = null)
    {
        Expect(Stage.Open);
        if (request is not null != _wantsRequests)
            throw new InvalidOperationException("bdl-3: an entry has a request in a transaction or batch, and only there.");
        if (fullUrl.IndexOf("/_history/"u8) >= 0) throw new InvalidOperationException("bdl-8: a fullUrl names no version.");
        if (!_fullUrls.Add(fullUrl)) throw new InvalidOperationException("bdl-7: a fullUrl stands once in a Bundle.");
        output.Write(Entries++ == 0 ? ",\"entry\":[{\"fullUrl\":\""u8 : ",{\"fullUrl\":\""u8);
        JsonStrings.WriteEscaped(output, fullUrl);
        output.Write("\",\"resource\":"u8);
        (_stage, _request) = (Stage.InEntry, request);
    }

    /// <summary>Gives back what was kept of the fullUrls.</summary>
    public void Dispose() => _fullUrls.Dispose();

    /// <summary>Closes the entry that was begun.</summary>
    public void EndEntry()
    {
        Expect(Stage.InEntry);
        _stage = Stage.Open;
        if (_request is { } r)
        {
            output.Write(",\"request\":{\"method\":"u8);
            JsonStrings.WriteQuoted(output, r.Method);
            output.Write(",\"url\":"u8);
            JsonStrings.WriteQuoted(output, r.Url);
            output.Write("}"u8);
        }

        output.Write("}"u8);
    }

    private void WriteSecurity(IReadOnlyList<CodingView> security)
    {
        output.Write(",\"meta\":{\"security\":["u8);
        for (int i = 0; i < security.Count; i++)
        {
            output.Write(i == 0 ? "{"u8 : ",{"u8);
            Member("\"system\":"u8, security[i].System, first: true);
            Member(",\"code\":"u8, security[i].Code, first: security[i].System is null);
            Member(",\"display\":"u8, security[i].Display, first: false);
            output.Write("}"u8);
        }

        output.Write("]}"u8);
    }

    private void Member(ReadOnlySpan<byte> name, string? value, bool first)
    {
        if (value is null) return;
        output.Write(first && name[0] == (byte)',' ? name[1..] : name);
        JsonStrings.WriteQuoted(output, value);
    }

    private void Expect(Stage stage)
    {
        if (_stage != stage) throw new InvalidOperationException("A Bundle is begun once, then given its entries, then ended once.");
    }
}
