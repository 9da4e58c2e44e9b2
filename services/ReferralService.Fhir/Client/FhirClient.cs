using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Client;

/// <summary>Limits and habits of a client; all have safe defaults.</summary>
public sealed record FhirClientOptions
{
    /// <summary>Of one page or resource, after decompression.</summary>
    public long MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Pages of one search.</summary>
    public int MaxPages { get; init; } = 500;

    /// <summary>Queries longer than this many characters go as POST _search.</summary>
    public int MaxQueryLength { get; init; } = 1800;

    public bool AlwaysPostSearch { get; init; }

    /// <summary>No byte for this long ends the request (code timeout). It is idle time, not total time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>An answer to a write.</summary>
/// <param name="Body">Bounded; empty when there was none.</param>
public sealed record FhirWriteAnswer(int Status, string? Location, string? ETag, ReadOnlyMemory<byte> Body, string? ContentType);

/// <summary>FHIR R4 REST over one HttpClient and one base URL. Each method is one HTTP exchange: paging and retries belong to the caller.</summary>
/// <remarks>The HttpClient has no timeout and follows no redirects; authentication is one of its handlers.</remarks>
public sealed class FhirClient(HttpClient http, Uri baseUrl, FhirClientOptions options, TimeProvider clock)
{
    /// <summary>Without trailing slash.</summary>
    public string Base { get; } = baseUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>GET {base}/{type}/{id}.</summary>
    /// <exception cref="Errors.FhirRequestException">Any answer but 200, or none.</exception>
    /// <exception cref="Errors.FhirFormatException">200 with a body that is no resource of that type and id.</exception>
    public Task<RawResource> ReadAsync(string type, string id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<CapabilityView> CapabilitiesAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>First page of a search: GET, or POST _search when the query is long or the options say so.</summary>
    /// <param name="query">Encoded, without <c>?</c>.</param>
    public Task<SearchPage> SearchAsync(string type, string query, SearchEntrySink sink, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A next page, its link followed verbatim; refused (foreign-origin) unless it has this client's scheme, host and port. Relative links are resolved against the base.</summary>
    public Task<SearchPage> FollowAsync(string nextLink, SearchEntrySink sink, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Any bytes at an absolute URL of this origin (Binary content); streamed to <paramref name="destination"/>. Returns the content type.</summary>
    public Task<string?> DownloadAsync(Uri url, string accept, Stream destination, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>PUT {base}/{type}/{id}. Success is any 2xx; anything else throws.</summary>
    public Task<FhirWriteAnswer> UpdateAsync(string type, string id, HttpContent body, string? ifMatch, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>POST {base}/{type}, conditional when <paramref name="ifNoneExist"/> is given.</summary>
    public Task<FhirWriteAnswer> CreateAsync(string type, HttpContent body, string? ifNoneExist, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>POST {base}.</summary>
    public Task<FhirWriteAnswer> TransactionAsync(HttpContent body, CancellationToken cancellationToken) => throw new NotImplementedException();

    internal HttpClient Http { get; } = http;
    internal FhirClientOptions Options { get; } = options;
    internal TimeProvider Clock { get; } = clock;
}
