using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Sandbox.Serving;

/// <summary>A FHIR server's outside: Kestrel on loopback, faults first, then the token, then what the server does; refusals become OperationOutcomes.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider _clock;
    private readonly string? _token;
    private readonly long _maxBodyBytes;
    private readonly Func<FhirExchange, Task> _serve;

    private LoopbackServer(WebApplication app, TimeProvider clock, string? token, long maxBodyBytes, Func<FhirExchange, Task> serve)
        => (_app, _clock, _token, _maxBodyBytes, _serve) = (app, clock, token, maxBodyBytes, serve);

    /// <summary><c>http://127.0.0.1:{port}/fhir</c>, without trailing slash.</summary>
    public string Base { get; private set; } = "";

    /// <summary>The base that answers tell (links, fullUrls), where that is another: a proxy stands before the server. Null: <see cref="Base"/>.</summary>
    public string? PublicBase { get; set; }

    public FaultQueue Faults { get; } = new();

    public RequestLog Requests { get; } = new();

    /// <param name="port">0 for any free one.</param>
    /// <param name="token">When set, everything but /metadata needs it as a bearer token.</param>
    public static async Task<LoopbackServer> StartAsync(
        int port, TimeProvider clock, string? token, long maxBodyBytes, Func<FhirExchange, Task> serve, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        var server = new LoopbackServer(app, clock, token, maxBodyBytes, serve);
        app.Run(server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Base = address + "/fhir";
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        if (path != "/fhir" && !path.StartsWith("/fhir/", StringComparison.Ordinal))
        {
            http.Response.StatusCode = 404;
            return;
        }
        var below = path["/fhir".Length..];
        var pathAndQuery = below + http.Request.QueryString.Value;
        var exchange = new FhirExchange(http, FhirRoute.Parse(below), PublicBase ?? Base, _maxBodyBytes);
        var at = _clock.GetUtcNow();
        var reset = false;
        var fault = Faults.Next(http.Request.Method, pathAndQuery);
        var entry = Requests.Begin(http, pathAndQuery, at, fault?.Name);
        try
        {
            if (fault is null) await ProcessAsync(exchange);
            else reset = await FaultyAnswer.PlayAsync(fault, http, () => ProcessAsync(exchange), _clock);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            // The client hung up; the log below still says what it had asked.
            reset = true;
        }
        finally
        {
            Requests.End(entry, http, pathAndQuery, at, reset, fault?.Name);
        }
    }

    private async Task ProcessAsync(FhirExchange exchange)
    {
        try
        {
            if (_token is not null && exchange.Route.Target != FhirTarget.Metadata && exchange.Http.Request.Headers.Authorization != $"Bearer {_token}")
                throw new FhirRefusal(401, "login", "A bearer token is needed.");
            await _serve(exchange);
        }
        catch (FhirRefusal refusal)
        {
            await exchange.RefuseAsync(refusal.Status, refusal.Issue, refusal.Message);
        }
        catch (JsonException)
        {
            await exchange.RefuseAsync(400, "structure", "The body is not the JSON it should be.");
        }
    }

    /// <summary>Signals belong to the program that started the server, not to the server.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
