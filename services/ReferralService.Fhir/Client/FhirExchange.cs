using System.Net;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Client;

/// <summary>One request and its answer: sends, waits for the headers, refuses what is no success, and opens the body.</summary>
internal sealed class FhirExchange : IDisposable
{
    /// <summary>Of an error's body; outcomes are short, error pages need not be read to their end.</summary>
    private const int MaxErrorBody = 64 * 1024;

    private readonly HttpRequestMessage _request;
    private readonly IdleWatch _watch;
    private readonly HttpResponseMessage _answer;
    private readonly Pace _pace;

    private FhirExchange(HttpRequestMessage request, IdleWatch watch, HttpResponseMessage answer, Pace pace)
        => (_request, _watch, _answer, _pace) = (request, watch, answer, pace);

    public HttpResponseMessage Answer => _answer;

    /// <param name="accepts">Which statuses are success.</param>
    /// <exception cref="FhirRequestException">Any other status, or no answer.</exception>
    public static async Task<FhirExchange> SendAsync(
        HttpClient http, HttpRequestMessage request, Func<HttpStatusCode, bool> accepts, FhirClientOptions options, TimeProvider clock, CancellationToken caller)
    {
        var watch = new IdleWatch(options.IdleTimeout, clock, caller);
        HttpResponseMessage? answer = null;
        try
        {
            request.Options.Set(FhirClient.Caller, caller);
            request.Version = http.DefaultRequestVersion;
            request.VersionPolicy = http.DefaultVersionPolicy;
            if (request.Content is { } body) request.Content = new WatchedContent(body, watch);
            answer = await HeadersAsync(http, request, watch);
            watch.Pause();
            if (!accepts(answer.StatusCode)) throw await RefusalAsync(answer, watch, options, clock);
            return new FhirExchange(request, watch, answer, new Pace(options, clock));
        }
        catch
        {
            answer?.Dispose();
            request.Dispose();
            watch.Dispose();
            throw;
        }
    }

    public async Task<AnswerStream> BodyAsync(long maxBytes)
        => new(await OpenAsync(_answer, _watch), maxBytes, _answer.StatusCode, _watch, _pace);

    /// <summary>The whole body.</summary>
    /// <exception cref="FhirRequestException">too-large, timeout or reset, with the status that was answered.</exception>
    public async Task<ReadOnlyMemory<byte>> BytesAsync(long maxBytes)
    {
        await using var body = await BodyAsync(maxBytes);
        return await ReadAllAsync(body, _watch.Caller);
    }

    public void Dispose()
    {
        _answer.Dispose();
        _request.Dispose();
        _watch.Dispose();
    }

    private static async Task<HttpResponseMessage> HeadersAsync(HttpClient http, HttpRequestMessage request, IdleWatch watch)
    {
        watch.Restart();
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
        }
        catch (Exception fault) when (RequestFault.OfSending(
            fault, watch, http.Timeout == Timeout.InfiniteTimeSpan, request.Content is WatchedContent { Begun: true }) is { } known)
        {
            throw known;
        }
        catch (Exception fault) when (RequestFault.IsCallers(fault, watch))
        {
            throw new OperationCanceledException(watch.Caller);
        }
    }

    private static async Task<FhirRequestException> RefusalAsync(HttpResponseMessage answer, IdleWatch watch, FhirClientOptions options, TimeProvider clock)
    {
        var retryAfter = ExchangeHeaders.RetryAfter(answer, clock.GetUtcNow());
        bool redirect = (int)answer.StatusCode is >= 300 and < 400;
        IReadOnlyList<OutcomeIssue> issues = [];
        try
        {
            await using var body = new AnswerStream(await OpenAsync(answer, watch), MaxErrorBody, answer.StatusCode, watch, new Pace(options, clock));
            issues = OperationOutcomeReader.ReadIfAny(await ReadAllAsync(body, watch.Caller));
        }
        catch (FhirRequestException)
        {
            // The refusal stands by its status, whatever became of the explanation.
        }

        return new FhirRequestException(redirect ? RequestCode.Redirect : RequestCode.HttpStatus, RequestProgress.Answered, answer.StatusCode, issues, retryAfter);
    }

    private static async Task<Stream> OpenAsync(HttpResponseMessage answer, IdleWatch watch)
    {
        try
        {
            return await answer.Content.ReadAsStreamAsync(watch.Token);
        }
        catch (Exception fault) when (RequestFault.OfBody(fault, answer.StatusCode, watch) is { } known)
        {
            throw known;
        }
    }

    public static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream body, CancellationToken caller)
    {
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, caller);
        return bytes.TryGetBuffer(out var buffer) ? buffer : bytes.ToArray();
    }
}
