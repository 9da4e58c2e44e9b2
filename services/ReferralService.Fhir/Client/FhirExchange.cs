using System.Buffers;
using System.Net;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Client;

/// <summary>One request and its answer: sends, waits for the headers, refuses what is no success, and opens the body.</summary>
internal sealed class FhirExchange : IDisposable
{
    /// <summary>Of an error's body; outcomes are short, error pages need not be read to their end.</summary>
    private const int MaxErrorBody = 64 * 1024;

    /// <summary>Room for a body whose length is not told, and the most that is made for one on its own word.</summary>
    private const int FewBytes = 16 * 1024, ManyBytes = 1024 * 1024;

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
        HttpResponseMessage answer;
        try
        {
            request.Options.Set(FhirClient.Caller, caller);
            request.Version = http.DefaultRequestVersion;
            request.VersionPolicy = http.DefaultVersionPolicy;
            if (request.Content is { } body) request.Content = new WatchedContent(body, watch);
            watch.Restart();
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
            watch.Pause();
        }
        catch (Exception fault)
        {
            var known = RequestFault.OfSending(fault, watch, http.Timeout == Timeout.InfiniteTimeSpan, request.Content is WatchedContent { Begun: true });
            bool callers = RequestFault.IsCallers(fault, watch);
            request.Dispose();
            watch.Dispose();
            if (known is not null) throw known;
            if (callers) throw new OperationCanceledException(watch.Caller);
            throw;
        }

        try
        {
            if (!accepts(answer.StatusCode)) throw await RefusalAsync(answer, watch, options, clock);
            return new FhirExchange(request, watch, answer, new Pace(options, clock));
        }
        catch
        {
            answer.Dispose();
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
        return await ReadAllAsync(body, _answer.Content.Headers.ContentLength, _watch.Caller);
    }

    /// <summary>Reads what came with an answer whose status says all, as far as it is short: so its connection can be used again.</summary>
    public async Task PassOverAsync()
    {
        try
        {
            await using var body = await BodyAsync(MaxErrorBody);
            byte[] block = ArrayPool<byte>.Shared.Rent(FewBytes);
            try
            {
                while (await body.ReadAsync(block, _watch.Caller) > 0)
                {
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
        }
        catch (FhirRequestException)
        {
            // The answer stands by its status, whatever became of the rest.
        }
    }

    public void Dispose()
    {
        _answer.Dispose();
        _request.Dispose();
        _watch.Dispose();
    }

    private static async Task<FhirRequestException> RefusalAsync(HttpResponseMessage answer, IdleWatch watch, FhirClientOptions options, TimeProvider clock)
    {
        var retryAfter = ExchangeHeaders.RetryAfter(answer, clock.GetUtcNow());
        bool redirect = (int)answer.StatusCode is >= 300 and < 400;
        IReadOnlyList<OutcomeIssue> issues = [];
        try
        {
            await using var body = new AnswerStream(await OpenAsync(answer, watch), MaxErrorBody, answer.StatusCode, watch, new Pace(options, clock));
            issues = OperationOutcomeReader.ReadIfAny(await ReadAllAsync(body, answer.Content.Headers.ContentLength, watch.Caller));
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

    /// <param name="length">As the answer says it; it may be shorter once long runs are taken out, and is no more than a hint.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream body, long? length, CancellationToken caller)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(length ?? FewBytes, ManyBytes) + 1);
        int count = 0;
        try
        {
            for (int read; (read = await body.ReadAsync(bytes.AsMemory(count), caller)) > 0;)
            {
                count += read;
                if (count < bytes.Length) continue;
                byte[] more = ArrayPool<byte>.Shared.Rent(checked(count * 2));
                bytes.AsSpan(0, count).CopyTo(more);
                ArrayPool<byte>.Shared.Return(bytes);
                bytes = more;
            }

            return bytes.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
