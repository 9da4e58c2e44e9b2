using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>An answer of the service: its bytes as they came, and what is in them.</summary>
internal sealed record ServiceAnswer(string Text, JsonElement Json);

/// <summary>The service's own HTTP API, as any client sees it.</summary>
/// <remarks>No redirect is followed: the key goes to the address that was named, and nowhere else.</remarks>
internal sealed class ServiceLink : IDisposable
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <summary>A preview gathers a whole record first.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    private readonly HttpClient _http;
    private readonly ServiceAddress _address;
    private readonly TimeProvider _clock;

    public ServiceLink(ServiceAddress address, TimeProvider clock)
    {
        (_address, _clock) = (address, clock);
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !address.Url.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(5) };
        _http = new HttpClient(sockets) { BaseAddress = address.Url, Timeout = Timeout.InfiniteTimeSpan };
        if (address.Key is { } key) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <param name="path">Relative, e.g. <c>api/referrals</c>.</param>
    /// <exception cref="VerbException">It is not reached, or refuses.</exception>
    public Task<ServiceAnswer> GetAsync(string path, CancellationToken cancellationToken, TimeSpan? longest = null) => SendAsync(HttpMethod.Get, path, null, longest ?? Usual, cancellationToken);

    /// <param name="body">Members whose value is null are left out; null: no body.</param>
    /// <inheritdoc cref="GetAsync"/>
    public Task<ServiceAnswer> PostAsync(string path, IReadOnlyDictionary<string, string?>? body, CancellationToken cancellationToken, TimeSpan? longest = null)
        => SendAsync(HttpMethod.Post, path, body is null ? null : JsonSerializer.Serialize(body.Where(m => m.Value is not null).ToDictionary(), TerminalJson.Default.DictionaryStringString), longest ?? Usual, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<ServiceAnswer> SendAsync(HttpMethod method, string path, string? body, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(longest, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, JsonType);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var text = await answer.Content.ReadAsStringAsync(either.Token);
            return answer.IsSuccessStatusCode ? new(text, Parse(text)) : throw Refusal(answer.StatusCode, text);
        }
        catch (HttpRequestException e)
        {
            throw new VerbException(ExitCodes.Unreachable, e.HttpRequestError == HttpRequestError.SecureConnectionError
                ? $"The certificate at {Shown} is not to be trusted by this machine, or is not for this host. Nothing was sent."
                : $"No service is reached at {Shown}. See that it runs, or say where it is: --url or {ServiceAddress.UrlVariable}.");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new VerbException(ExitCodes.Unreachable, $"The service at {Shown} did not answer in {longest.TotalSeconds:F0} s. What was asked may have been done; show and list tell.");
        }
    }

    private string Shown => PlainText.Of(_address.Url.GetLeftPart(UriPartial.Authority), 100);

    private JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new VerbException(ExitCodes.Unreachable, $"What answers at {Shown} is not this service. Correct --url or {ServiceAddress.UrlVariable}.");
        }
    }

    private VerbException Refusal(HttpStatusCode status, string text)
    {
        JsonElement problem = default;
        try
        {
            using var document = JsonDocument.Parse(text);
            problem = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Told below: ours would have been JSON.
        }

        if (PlainText.Find(problem, "checks") is not null)
        {
            return new(ExitCodes.OfStatus((int)status), HealthVerb.Line(problem), text);
        }

        if (PlainText.Find(problem, "code") is null)
        {
            return new(ExitCodes.Unreachable, $"What answers at {Shown} ({(int)status}) is not this service. Correct --url or {ServiceAddress.UrlVariable}.");
        }

        var remedy = status switch
        {
            HttpStatusCode.Unauthorized when _address.Key is null => $" Put a key into {ServiceAddress.KeyVariable}, or name a file that holds one: --key-file.",
            HttpStatusCode.Unauthorized => $" The key in {ServiceAddress.KeyVariable} or --key-file is none of them.",
            _ => "",
        };
        var missing = PlainText.Find(problem, "missing") is { ValueKind: JsonValueKind.Array } items ? $" ({string.Join(", ", items.EnumerateArray().Select(item => PlainText.Of(item.ToString(), 80)))})" : "";
        return new(ExitCodes.OfStatus((int)status), $"{PlainText.Of(problem, "code")}: {PlainText.Of(problem, "detail")}{missing}{remedy}", text);
    }
}
