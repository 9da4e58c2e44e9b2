using System.Net.Http.Headers;
using System.Text;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>How each documented answer is brought about: who is asked, and what.</summary>
internal static class OpenApiProvocations
{
    /// <summary>The largest of all limits on bodies.</summary>
    private const int Limit = 1 << 20;

    /// <summary>What takes a damaged vault, a year, or the middle of a start; other tests show it.</summary>
    private static readonly HashSet<(string Operation, int Status)> Elsewhere =
    [
        ("readPackage", 410), ("readPackage", 500), ("readManifest", 410), ("readManifest", 500), ("readDisclosure", 500), ("healthStartup", 503),
    ];

    /// <summary>Every operation with every example of its body, and every other status that it is documented to have.</summary>
    public static IEnumerable<(OpenApiOperation Operation, int Status, string? Example)> All()
        => from operation in OpenApiDocument.Kept.Operations
           from status in operation.Statuses
           where !Elsewhere.Contains((operation.Id, status))
           from example in status < 300 && operation.TakesBody ? operation.Body().Examples.Keys : (IEnumerable<string?>)[null]
           select (operation, status, example);

    public static async Task<HttpResponseMessage> SendAsync(OpenApiStage stage, OpenApiOperation operation, int status, string? example) => status switch
    {
        < 300 => await stage.Service.Http.SendAsync(await GoodAsync(stage, operation, example)),
        304 => await stage.Service.Http.SendAsync(await AgainAsync(stage, operation)),
        401 => await AskAsync(stage.Service, Without(stage.Request(operation, First(operation)))),
        403 when operation.Role == "viewer" => await AskAsync(stage.Keyless, Foreign(Without(stage.Request(operation, First(operation))))),
        403 => await AskAsync(stage.Service, OpenApiStage.Signed(stage.Request(operation, First(operation)), operation, "viewer")),
        413 => await AskAsync(stage.Service, With(stage.Request(operation, null), new string(' ', Limit + 1), "application/json")),
        415 => await AskAsync(stage.Service, With(stage.Request(operation, null), "<order/>", "application/xml")),
        429 => await TooOftenAsync(stage, operation),
        503 => await AskAsync(stage.Ending, stage.Request(operation, First(operation))),
        409 when operation.Id == "runBulk" => await CalledOffAsync(stage, operation),
        _ => await AskAsync(stage.Service, Bad(stage, operation, status)),
    };

    private static string? First(OpenApiOperation operation) => operation.TakesBody ? operation.Body().Examples.Keys.First() : null;

    private static async Task<HttpRequestMessage> GoodAsync(OpenApiStage stage, OpenApiOperation operation, string? example)
    {
        // An act on many needs some that fit.
        if (operation.Id == "previewBulk") await stage.HeldAsync();
        return await MadeAsync(stage, operation, example);
    }

    private static async Task<HttpRequestMessage> MadeAsync(OpenApiStage stage, OpenApiOperation operation, string? example) => operation.Id switch
    {
        "retryReferral" or "cancelReferral" => stage.Request(operation, example, await stage.HeldAsync()),
        "showBulk" or "runBulk" or "cancelBulk" => stage.Request(operation, example, await stage.PreviewedAsync()),
        _ => stage.Request(operation, example),
    };

    private static async Task<HttpRequestMessage> AgainAsync(OpenApiStage stage, OpenApiOperation operation)
    {
        using var first = await stage.Service.Http.SendAsync(stage.Request(operation, null));
        var again = stage.Request(operation, null);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        return again;
    }

    private static async Task<HttpResponseMessage> CalledOffAsync(OpenApiStage stage, OpenApiOperation operation)
    {
        var token = await stage.PreviewedAsync();
        (await AskAsync(stage.Service, stage.Request(OpenApiDocument.Kept.Operation("cancelBulk"), null, token))).Dispose();
        return await AskAsync(stage.Service, stage.Request(operation, null, token));
    }

    private static async Task<HttpResponseMessage> TooOftenAsync(OpenApiStage stage, OpenApiOperation operation)
    {
        for (var call = 1; ; call++)
        {
            var answer = await AskAsync(stage.Limited, stage.Request(operation, First(operation)));
            if ((int)answer.StatusCode == 429 || call == 20) return answer;
            answer.Dispose();
        }
    }

    /// <summary>400, 404 and 409, each by the nearest mistake.</summary>
    private static HttpRequestMessage Bad(OpenApiStage stage, OpenApiOperation operation, int status) => (operation.Id, status) switch
    {
        ("submitReferral" or "previewReferral", 404) => With(stage.Request(operation, null), """{"ehr":"nowhere","serviceRequest":"1"}""", "application/json"),
        ("previewReferral", 409) => stage.Request(operation, "plain", order: stage.WriteRevoked()),
        ("retryReferral" or "cancelReferral", 409) => stage.Request(operation, First(operation)),
        ("notifyOfDelete", 400) => Moved(stage.Request(operation, null), "ServiceRequest", "Patient"),
        ("runBulk" or "cancelBulk", 400) => With(stage.Request(operation, null), "[]", "application/json"),
        (_, 400) when operation.TakesBody => With(stage.Request(operation, null), "{", "application/json"),
        (_, 400) when operation.Path.Contains("{id}", StringComparison.Ordinal) => stage.Request(operation, null, id: "no-id"),
        (_, 400) => Moved(stage.Request(operation, null), "?", "?unknown=1&"),
        (_, 404) when operation.Path.Contains("{id}", StringComparison.Ordinal) && !operation.Id.StartsWith("notify", StringComparison.Ordinal)
            => Readdressed(stage.Request(operation, First(operation)), stage, Guid.Empty.ToString("D")),
        (_, 404) => Moved(Moved(Moved(Moved(stage.Request(operation, First(operation)), "urology-east", "nobody"), "/notify/main", "/notify/nobody"), "asyncapi.yaml", "none"), "status-event.json", "none"),
        _ => throw new InvalidOperationException($"nothing brings about {status} of {operation.Id}"),
    };

    private static HttpRequestMessage Readdressed(HttpRequestMessage request, OpenApiStage stage, string id)
        => Moved(Moved(request, stage.DeliveredId, id), stage.PackageId, id);

    private static HttpRequestMessage Moved(HttpRequestMessage request, string from, string to)
    {
        request.RequestUri = new Uri(request.RequestUri!.OriginalString.Replace(from, to, StringComparison.Ordinal), UriKind.Relative);
        return request;
    }

    private static HttpRequestMessage With(HttpRequestMessage request, string body, string type)
    {
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        return request;
    }

    private static HttpRequestMessage Without(HttpRequestMessage request)
    {
        request.Headers.Authorization = null;
        return request;
    }

    private static HttpRequestMessage Foreign(HttpRequestMessage request)
    {
        request.Headers.Host = "elsewhere.example.org";
        return request;
    }

    /// <summary>By a client that adds nothing of its own.</summary>
    private static async Task<HttpResponseMessage> AskAsync(RunningService service, HttpRequestMessage request)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = service.Http.BaseAddress };
        return await http.SendAsync(request);
    }
}
