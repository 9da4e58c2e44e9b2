using System.Net;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Client;

/// <summary>How a file is asked for.</summary>
/// <param name="Accept">Header, e.g. <c>application/pdf</c>.</param>
/// <param name="MaxBytes">Of the file itself; a longer one is too-large, before the first of its bytes where its length is told.</param>
public sealed record FileQuestion(string Accept, long MaxBytes)
{
    /// <summary>The media type that whoever refers to it says it has.</summary>
    public string? Declared { get; init; }

    /// <summary>The Binary as the server gives it without its bytes: what it says stays in the answer, byte for byte.</summary>
    public RawResource? Bare { get; init; }

    /// <summary>Written where there is no <see cref="Bare"/>; null: none is.</summary>
    public string? Id { get; init; }

    /// <summary>Whether what comes as JSON or XML can be the file.</summary>
    public DataAnswers Data { get; init; }
}

/// <summary>When an answer in JSON or XML, which may be an interface's instead of a file, is taken.</summary>
public enum DataAnswers
{
    /// <summary>Always, unless a picture or the like was to come: the address is that of a file.</summary>
    Taken,

    /// <summary>Where JSON, or XML, is what the file is said to be.</summary>
    WhenDeclared,
    Refused,
}

/// <summary>A file that came as its bytes, as a Binary of our writing.</summary>
/// <param name="SecurityContext">Header <c>X-Security-Context</c> (R4 binary.html#security-context): as what the file is guarded, when told. Stands in the Binary, unless its server says another there.</param>
public sealed record FileAnswer(RawResource Binary, FileDigest Digest, string? SecurityContext);

public sealed partial class FhirClient
{
    /// <summary>Written where nobody tells a media type (RFC 2046 §4.5.1).</summary>
    private const string AnyBytes = "application/octet-stream";

    /// <summary>GET {base}/Binary/{id} as FHIR JSON. Null: the server gives no such form of it (406, 415), or gave the file itself although JSON was asked for.</summary>
    /// <param name="maxBytes">Of the JSON.</param>
    /// <param name="keep">As in <see cref="ReadAsync(string, string, KeepBytes, CancellationToken)"/>.</param>
    /// <exception cref="FhirRequestException">Any other answer but 200, or none.</exception>
    /// <exception cref="FhirFormatException">200, said to be FHIR, with a body that is not this Binary; or JSON that breaks off.</exception>
    public async Task<RawResource?> ReadBinaryAsync(string id, long maxBytes, KeepBytes? keep, CancellationToken cancellationToken)
    {
        using var exchange = await SendAsync(new HttpRequestMessage(HttpMethod.Get, ResourceUrl("Binary", id)), ExchangeHeaders.Json, IsOkOrNotSo, cancellationToken);
        var type = exchange.Answer.Content.Headers.ContentType;
        if (exchange.Answer.StatusCode != HttpStatusCode.OK || !MediaTypes.MayBeJson(type)) return null;
        bool saysFhir = MediaTypes.IsFhir(type);
        try
        {
            RefuseLonger(exchange, maxBytes);
            var resource = await ReadBodyAsync(exchange, maxBytes, keep, cancellationToken);
            if (resource.Key == new ResourceKey("Binary", id)) return resource;
        }
        catch (Exception fault) when (!saysFhir && IsNoResource(fault))
        {
            return null;
        }

        return saysFhir
            ? throw new FhirFormatException(FormatCode.WrongType, "invalid", "resourceType", "The server answered a read with another resource than the one asked for.")
            : null;
    }

    /// <summary>A file's own bytes, streamed into a Binary of our writing. Null: what came is not the file but FHIR's description of it, or a page in its place.</summary>
    /// <param name="url">As written; refused (foreign-origin) unless it has this client's scheme, host and port.</param>
    /// <param name="keep">As in <see cref="ReadAsync(string, string, KeepBytes, CancellationToken)"/>.</param>
    /// <exception cref="FhirRequestException">Any answer but 200, or none; reset when fewer bytes came than were announced; too-large.</exception>
    public async Task<FileAnswer?> ReadFileAsync(string url, FileQuestion question, KeepBytes? keep, CancellationToken cancellationToken)
    {
        using var exchange = await SendAsync(new HttpRequestMessage(HttpMethod.Get, ServerLink.Resolve(Base, url)), question.Accept, IsOk, cancellationToken);
        var served = exchange.Answer.Content.Headers.ContentType;
        if (MediaTypes.IsInstead(served, question.Declared) || MediaTypes.IsData(served, question) || MediaTypes.IsPage(served, question)) return null;
        RefuseLonger(exchange, question.MaxBytes);
        var about = SecurityContext(exchange.Answer);
        var head = BinaryHead.Of(question.Bare, question.Id, MediaTypes.Served(exchange.Answer) ?? MediaTypes.Clean(question.Declared) ?? AnyBytes, about);
        await using var body = await exchange.BodyAsync(question.MaxBytes);
        await using var json = new BinaryJson(body, head);
        using var runs = keep is null ? null : new LongRuns(json, keep);
        var bytes = await FhirExchange.ReadAllAsync(runs is null ? json : new ThinnedStream(runs), length: null, cancellationToken);
        var binary = RawResource.Read(bytes);
        if (runs is not null) binary = binary.With(runs.Take(0, binary.Utf8.Length));
        return new FileAnswer(binary, json.Digest(), about);
    }

    /// <summary>All of it: told twice, it is one text that names nothing, rather than whichever stands first.</summary>
    private static string? SecurityContext(HttpResponseMessage answer)
        => answer.Headers.NonValidated.TryGetValues("X-Security-Context", out var values) && values.ToString().Trim() is { Length: > 0 } told ? told : null;

    private static bool IsOkOrNotSo(HttpStatusCode status) => status is HttpStatusCode.OK or HttpStatusCode.NotAcceptable or HttpStatusCode.UnsupportedMediaType;

    private static bool IsNoResource(Exception fault) => fault is FhirRequestException { Code: RequestCode.NotFhir }
        or FhirFormatException { Code: not FormatCode.JsonTruncated };

    /// <exception cref="FhirRequestException">too-large: nothing of the body was read.</exception>
    private static void RefuseLonger(FhirExchange exchange, long maxBytes)
    {
        if (exchange.Answer.Content.Headers.ContentLength > maxBytes)
            throw new FhirRequestException(RequestCode.TooLarge, RequestProgress.Answered, exchange.Answer.StatusCode, [], null);
    }
}
