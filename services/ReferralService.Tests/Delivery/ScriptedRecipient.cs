using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ReferralService.Tests.Delivery;

/// <summary>A recipient that answers as one test says: a real Kestrel on loopback, every request counted.</summary>
internal sealed class ScriptedRecipient : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private ScriptedRecipient(WebApplication app) => _app = app;

    public string Base { get; private set; } = "";

    public int Requests => Volatile.Read(ref _requests);

    public static async Task<ScriptedRecipient> StartAsync(RequestDelegate script, Action<ListenOptions>? listen = null, long? maxBody = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = maxBody;
            k.Limits.MinRequestBodyDataRate = null;
            k.Listen(IPAddress.Loopback, 0, l => listen?.Invoke(l));
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        var recipient = new ScriptedRecipient(app);
        app.Run(async http =>
        {
            Interlocked.Increment(ref recipient._requests);
            await script(http);
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        recipient.Base = $"{address}/fhir";
        return recipient;
    }

    /// <summary>Reads the request to its end, then answers.</summary>
    public static async Task AnswerAsync(HttpContext http, int status, string? body = null, string? location = null, string? retryAfter = null)
    {
        await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        http.Response.StatusCode = status;
        if (location is not null) http.Response.Headers.Location = location;
        if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
        if (body is null) return;
        http.Response.ContentType = "application/fhir+json";
        await http.Response.WriteAsync(body, http.RequestAborted);
    }

    public static string Outcome(string code, string severity = "error", string? expression = null)
        => $$"""{"resourceType":"OperationOutcome","issue":[{"severity":"{{severity}}","code":"{{code}}","diagnostics":"Mr Marker Canary"{{(expression is null ? "" : $",\"expression\":[\"{expression}\"]")}}}]}""";

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
