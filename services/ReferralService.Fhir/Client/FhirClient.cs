using System.Net;
using System.Text;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Client;

/// <summary>An answer to a write.</summary>
/// <param name="Body">Bounded; empty when there was none.</param>
public sealed record FhirWriteAnswer(int Status, string? Location, string? ETag, ReadOnlyMemory<byte> Body, string? ContentType)
{
    /// <summary>Of a 202: where the outcome can be asked for (R4 async.html), as the server wrote it.</summary>
    public string? ContentLocation { get; init; }

    /// <summary>As in <see cref="FhirRequestException.RetryAfter"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>FHIR R4 REST over one HttpClient and one base URL. Each method is one HTTP exchange: paging and retries belong to the caller.</summary>
/// <remarks>
/// The HttpClient has no timeout, follows no redirects and repeats nothing; authentication is one of its handlers. Give its handler a ConnectTimeout
/// shorter than <see cref="FhirClientOptions.IdleTimeout"/>: only so does a server that never answers the connection count as
/// <see cref="RequestProgress.NotSent"/>. Whoever cancels gets an OperationCanceledException. Bodies handed in are disposed.
/// </remarks>
public sealed partial class FhirClient(HttpClient http, Uri baseUrl, FhirClientOptions options, TimeProvider clock)
{
    /// <summary>Goes with each request: the token of whoever asked. The one that a handler is given is cancelled when the idle time is over, too, and does not tell which it was.</summary>
    public static readonly HttpRequestOptionsKey<CancellationToken> Caller = new("caller");

    /// <summary>Without trailing slash.</summary>
    public string Base { get; } = baseUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>GET {base}/{type}/{id}.</summary>
    /// <exception cref="FhirRequestException">Any answer but 200, or none.</exception>
    /// <exception cref="FhirFormatException">200 with a body that is no resource of that type and id.</exception>
    public Task<RawResource> ReadAsync(string type, string id, CancellationToken cancellationToken) => ReadAsync(type, id, null, cancellationToken);

    /// <param name="keep">Takes long runs of base64 as they stream by (<see cref="RawResource.Cuts"/>), so that a file costs no memory; null: the resource comes whole.</param>
    /// <inheritdoc cref="ReadAsync(string, string, CancellationToken)"/>
    public async Task<RawResource> ReadAsync(string type, string id, KeepBytes? keep, CancellationToken cancellationToken)
    {
        return Named(await ReadResourceAsync(new Uri(ResourceUrl(type, id)), keep, cancellationToken), type, id);
    }

    /// <summary>The same where it may well not be there: null for 404.</summary>
    /// <exception cref="FhirRequestException">Any answer but 200 and 404, or none.</exception>
    /// <exception cref="FhirFormatException">As <see cref="ReadAsync(string, string, CancellationToken)"/>.</exception>
    public async Task<RawResource?> FindAsync(string type, string id, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, ResourceUrl(type, id));
        using var exchange = await SendAsync(request, ExchangeHeaders.Json, static status => status is HttpStatusCode.OK or HttpStatusCode.NotFound, cancellationToken);
        if (exchange.Answer.StatusCode == HttpStatusCode.NotFound)
        {
            await exchange.PassOverAsync();
            return null;
        }

        RefuseMarkup(exchange);
        return Named(await ReadBodyAsync(exchange, options.MaxBodyBytes, null, cancellationToken), type, id);
    }

    /// <summary>GET {base}/metadata.</summary>
    /// <exception cref="FhirRequestException">Any answer but 200, or none.</exception>
    /// <exception cref="FhirFormatException">200 with a body that is no CapabilityStatement.</exception>
    public async Task<CapabilityView> CapabilitiesAsync(CancellationToken cancellationToken)
        => CapabilityView.Read(await ReadResourceAsync(new Uri($"{Base}/metadata"), null, cancellationToken));

    /// <summary>First page of a search: GET, or POST _search when the query is long or the options say so.</summary>
    /// <param name="query">Encoded, without <c>?</c>.</param>
    /// <exception cref="FhirRequestException">Any answer but 200, or none.</exception>
    /// <exception cref="FhirFormatException">200 with a body that is no searchset, or breaks off; the sink may have had entries by then.</exception>
    public Task<SearchPage> SearchAsync(string type, string query, SearchEntrySink sink, CancellationToken cancellationToken)
        => SearchAsync(type, query, null, sink, cancellationToken);

    /// <param name="keep">As in <see cref="ReadAsync(string, string, KeepBytes, CancellationToken)"/>.</param>
    /// <inheritdoc cref="SearchAsync(string, string, SearchEntrySink, CancellationToken)"/>
    public async Task<SearchPage> SearchAsync(string type, string query, KeepBytes? keep, SearchEntrySink sink, CancellationToken cancellationToken)
    {
        string url = TypeUrl(type);
        if (!options.AlwaysPostSearch && query.Length <= options.MaxQueryLength)
            return await ReadPageAsync(Strict(new HttpRequestMessage(HttpMethod.Get, query.Length > 0 ? $"{url}?{query}" : url)), keep, sink, cancellationToken);

        var form = new ByteArrayContent(Encoding.UTF8.GetBytes(query));
        form.Headers.TryAddWithoutValidation("Content-Type", ExchangeHeaders.Form);
        return await ReadPageAsync(Strict(new HttpRequestMessage(HttpMethod.Post, $"{url}/_search") { Content = form }), keep, sink, cancellationToken);
    }

    /// <summary>A next page, its link followed verbatim; refused (foreign-origin) unless it has this client's scheme, host and port. Relative links are resolved against the base.</summary>
    /// <exception cref="FhirRequestException">Any answer but 200, or none; foreign-origin, and then nothing was sent.</exception>
    /// <exception cref="FhirFormatException">As <see cref="SearchAsync(string, string, SearchEntrySink, CancellationToken)"/>.</exception>
    public Task<SearchPage> FollowAsync(string nextLink, SearchEntrySink sink, CancellationToken cancellationToken) => FollowAsync(nextLink, null, sink, cancellationToken);

    /// <param name="keep">As in <see cref="ReadAsync(string, string, KeepBytes, CancellationToken)"/>.</param>
    /// <inheritdoc cref="FollowAsync(string, SearchEntrySink, CancellationToken)"/>
    public Task<SearchPage> FollowAsync(string nextLink, KeepBytes? keep, SearchEntrySink sink, CancellationToken cancellationToken)
        => ReadPageAsync(new HttpRequestMessage(HttpMethod.Get, ServerLink.Resolve(Base, nextLink)), keep, sink, cancellationToken);

    /// <summary>Any bytes at an absolute URL of this origin (Binary content); streamed to <paramref name="destination"/>. Returns the content type.</summary>
    /// <exception cref="FhirRequestException">Any answer but 200, or none; too-large after as many bytes as are allowed.</exception>
    public async Task<string?> DownloadAsync(Uri url, string accept, Stream destination, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, ServerLink.Resolve(Base, url.OriginalString));
        using var exchange = await SendAsync(request, accept, IsOk, cancellationToken);
        await using var body = await exchange.BodyAsync(options.MaxBodyBytes);
        await body.CopyToAsync(destination, cancellationToken);
        return exchange.Answer.Content.Headers.ContentType?.ToString();
    }

    /// <summary>PUT {base}/{type}/{id}. Success is any 2xx; anything else throws.</summary>
    public Task<FhirWriteAnswer> UpdateAsync(string type, string id, HttpContent body, string? ifMatch, CancellationToken cancellationToken)
        => WriteAsync(HttpMethod.Put, ResourceUrl(type, id), body, [("If-Match", ifMatch)], cancellationToken);

    /// <summary>PUT {base}/{type}/{id} with <c>If-None-Match: *</c> (RFC 9110 §13.1.2): a server that honours it answers 412 where the id is taken and overwrites nothing.</summary>
    public Task<FhirWriteAnswer> CreateAsAsync(string type, string id, HttpContent body, CancellationToken cancellationToken)
        => WriteAsync(HttpMethod.Put, ResourceUrl(type, id), body, [("If-None-Match", "*")], cancellationToken);

    /// <summary>POST {base}/{type}, conditional when <paramref name="ifNoneExist"/> is given.</summary>
    public Task<FhirWriteAnswer> CreateAsync(string type, HttpContent body, string? ifNoneExist, CancellationToken cancellationToken)
        => CreateAsync(type, body, ifNoneExist, idempotencyKey: null, cancellationToken);

    /// <summary>The same with <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header), whose quotes are added here.</summary>
    public Task<FhirWriteAnswer> CreateAsync(string type, HttpContent body, string? ifNoneExist, string? idempotencyKey, CancellationToken cancellationToken)
        => WriteAsync(HttpMethod.Post, TypeUrl(type), body, [("If-None-Exist", ifNoneExist), Key(idempotencyKey)], cancellationToken);

    /// <summary>DELETE {base}/{type}/{id}. Success is any 2xx; anything else throws, 404 and 410 too.</summary>
    public Task<FhirWriteAnswer> DeleteAsync(string type, string id, CancellationToken cancellationToken)
        => WriteAsync(HttpMethod.Delete, ResourceUrl(type, id), null, [], cancellationToken);

    /// <summary>GET {base}/{type}/{id}/${operation}: an operation that changes nothing.</summary>
    /// <param name="operation">Its code, without <c>$</c>.</param>
    /// <param name="query">Encoded, without <c>?</c>; may be empty.</param>
    /// <exception cref="FhirRequestException">Any answer but 200, or none.</exception>
    /// <exception cref="FhirFormatException">200 with a body that is no resource.</exception>
    public Task<RawResource> AskAsync(string type, string id, string operation, string query, CancellationToken cancellationToken)
        => ReadResourceAsync(new Uri($"{ResourceUrl(type, id)}/${operation}{(query.Length > 0 ? "?" + query : "")}"), null, cancellationToken);

    /// <summary>POST {base}.</summary>
    public Task<FhirWriteAnswer> TransactionAsync(HttpContent body, CancellationToken cancellationToken)
        => TransactionAsync(body, idempotencyKey: null, cancellationToken);

    /// <summary>The same with <c>Idempotency-Key</c>.</summary>
    public Task<FhirWriteAnswer> TransactionAsync(HttpContent body, string? idempotencyKey, CancellationToken cancellationToken)
        => WriteAsync(HttpMethod.Post, Base, body, [Key(idempotencyKey)], cancellationToken);

    /// <summary>Asks what became of a write that was answered with 202 (R4 async.html): 202 while it is worked on, else its outcome.</summary>
    /// <param name="statusUrl">The Content-Location as the server wrote it; refused (foreign-origin) unless it has this client's scheme, host and port.</param>
    public async Task<FhirWriteAnswer> PollAsync(string statusUrl, CancellationToken cancellationToken)
    {
        using var exchange = await SendAsync(new HttpRequestMessage(HttpMethod.Get, ServerLink.Resolve(Base, statusUrl)), ExchangeHeaders.Json, IsSuccess, cancellationToken);
        return await AnswerAsync(exchange);
    }

    private async Task<FhirWriteAnswer> WriteAsync(
        HttpMethod method, string url, HttpContent? body, (string Name, string? Value)[] headers, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, url) { Content = body };
        foreach (var (name, value) in headers)
        {
            if (value is null) continue;
            if (value.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
                throw new ArgumentException("A character that cannot stand in a header.", nameof(headers));
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var exchange = await SendAsync(request, ExchangeHeaders.Json, IsSuccess, cancellationToken);
        return await AnswerAsync(exchange);
    }

    private async Task<FhirWriteAnswer> AnswerAsync(FhirExchange exchange)
    {
        var answer = exchange.Answer;
        return new FhirWriteAnswer(
            (int)answer.StatusCode,
            First(answer, "Location"),
            First(answer, "ETag"),
            await exchange.BytesAsync(options.MaxBodyBytes),
            answer.Content.Headers.ContentType?.ToString())
        {
            ContentLocation = answer.Content.Headers.NonValidated.TryGetValues("Content-Location", out var places) && places.Count > 0 ? places.First() : null,
            RetryAfter = ExchangeHeaders.RetryAfter(answer, clock.GetUtcNow()),
        };
    }

    private static (string Name, string? Value) Key(string? idempotencyKey) => ("Idempotency-Key", idempotencyKey is null ? null : $"\"{idempotencyKey}\"");

    private async Task<RawResource> ReadResourceAsync(Uri url, KeepBytes? keep, CancellationToken cancellationToken)
    {
        using var exchange = await SendAsync(new HttpRequestMessage(HttpMethod.Get, url), ExchangeHeaders.Json, IsOk, cancellationToken);
        RefuseMarkup(exchange);
        return await ReadBodyAsync(exchange, options.MaxBodyBytes, keep, cancellationToken);
    }

    private static async Task<RawResource> ReadBodyAsync(FhirExchange exchange, long maxBytes, KeepBytes? keep, CancellationToken cancellationToken)
    {
        await using var body = await exchange.BodyAsync(maxBytes);
        using var runs = keep is null ? null : new LongRuns(body, keep);
        var bytes = await FhirExchange.ReadAllAsync(runs is null ? body : new ThinnedStream(runs), exchange.Answer.Content.Headers.ContentLength, cancellationToken);
        try
        {
            var resource = RawResource.Read(bytes);
            int start = bytes.Span.IndexOf((byte)'{');
            return runs is null ? resource : resource.With(runs.Take(start, start + resource.Utf8.Length));
        }
        catch (FhirFormatException fault) when (fault.Code == FormatCode.NotJson)
        {
            throw NotFhir(exchange, fault);
        }
    }

    private async Task<SearchPage> ReadPageAsync(HttpRequestMessage request, KeepBytes? keep, SearchEntrySink sink, CancellationToken cancellationToken)
    {
        using var exchange = await SendAsync(request, ExchangeHeaders.Json, IsOk, cancellationToken);
        RefuseMarkup(exchange);
        await using var body = await exchange.BodyAsync(options.MaxPageBytes);
        using var runs = keep is null ? null : new LongRuns(body, keep);
        try
        {
            return await SearchPageReader.ReadAsync(body, long.MaxValue, options.MaxBodyBytes, runs, sink, cancellationToken);
        }
        catch (FhirFormatException fault) when (fault.Code == FormatCode.NotJson)
        {
            throw NotFhir(exchange, fault);
        }
        catch (FhirFormatException fault) when (fault.Code == FormatCode.JsonTooLarge)
        {
            throw new FhirRequestException(RequestCode.TooLarge, RequestProgress.MaybeSent, exchange.Answer.StatusCode, [], null, fault);
        }
    }

    private Task<FhirExchange> SendAsync(HttpRequestMessage request, string accept, Func<HttpStatusCode, bool> accepts, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation("Accept", accept);
        // Servers keep a search's answer (HAPI for a minute) and give it again: a record, or a probe, must be of now.
        if (request.Method == HttpMethod.Get || request.Content?.Headers.ContentType?.MediaType == ExchangeHeaders.Form)
            request.Headers.TryAddWithoutValidation("Cache-Control", "no-cache");
        return FhirExchange.SendAsync(http, request, accepts, options, clock, cancellationToken);
    }

    private HttpRequestMessage Strict(HttpRequestMessage search)
    {
        if (options.StrictSearch) search.Headers.TryAddWithoutValidation("Prefer", "handling=strict");
        return search;
    }

    private static RawResource Named(RawResource answer, string type, string id)
        => answer.Key == new ResourceKey(type, id)
            ? answer
            : throw new FhirFormatException(FormatCode.WrongType, "invalid", "resourceType", "The server answered a read with another resource than the one asked for.");

    private string TypeUrl(string type)
        => ResourceTypes.Contains(type) ? $"{Base}/{type}" : throw new ArgumentException("Not a resource type of R4.", nameof(type));

    private string ResourceUrl(string type, string id)
        => ResourceTypes.IsId(id) ? $"{TypeUrl(type)}/{id}" : throw new ArgumentException("Not an id that can stand in an address.", nameof(id));

    private static bool IsOk(HttpStatusCode status) => status == HttpStatusCode.OK;

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;

    private static void RefuseMarkup(FhirExchange exchange)
    {
        if (ExchangeHeaders.IsMarkup(exchange.Answer)) throw NotFhir(exchange, null);
    }

    private static FhirRequestException NotFhir(FhirExchange exchange, Exception? inner)
        => new(RequestCode.NotFhir, RequestProgress.Answered, exchange.Answer.StatusCode, [], null, inner);

    private static string? First(HttpResponseMessage answer, string header)
        => answer.Headers.NonValidated.TryGetValues(header, out var values) && values.Count > 0 ? values.First() : null;
}
