using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Client;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Fhir;

/// <summary>A client and the real server it talks to, whose clock only the test moves.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public abstract class FhirClientFixture : IAsyncDisposable
{
    private protected const string Empty = """{"resourceType":"Bundle","type":"searchset"}""";
    private protected static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(20);
    private protected static readonly SearchEntrySink Ignore = (_, _) => ValueTask.CompletedTask;

    private ScriptedServer? _server;

    private protected ManualTimeProvider Clock { get; } = new();

    private protected HttpClient Http { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
    }) { Timeout = Timeout.InfiniteTimeSpan };

    private protected Uri Origin => _server!.Origin;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<FhirClient> Client(RequestDelegate answer, FhirClientOptions? options = null)
    {
        _server = await ScriptedServer.StartAsync(answer);
        return new FhirClient(Http, new Uri(_server.Origin, "fhir/"), options ?? new FhirClientOptions(), Clock);
    }

    private protected static ByteArrayContent Body(string json) => new(Encoding.UTF8.GetBytes(json));

    private protected static string RawTarget(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget;

    private protected static Task Json(HttpContext context, string json)
    {
        context.Response.ContentType = "application/fhir+json";
        return context.Response.WriteAsync(json);
    }
}
