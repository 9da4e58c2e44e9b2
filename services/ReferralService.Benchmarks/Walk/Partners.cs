using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Benchmarks.Walk;

/// <summary>
/// Both partners as a process of their own, as cheap as a server can be: every answer of the sandbox EHR is made once and given from memory from then on,
/// under as many order ids as are asked for; packages are read to their end and counted. A byte for each goes to whoever listens at <c>/control/stream</c>,
/// except for those to <see cref="Hanging"/>.
/// </summary>
internal sealed class Partners : IAsyncDisposable
{
    private const string Template = "order-1";

    /// <summary>The recipient that can be told to hang, and whose packages are not told of.</summary>
    public const string Hanging = "/consultant-9";


    private readonly ConcurrentDictionary<string, (byte[] Body, string Type)> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _arrivals = new(0);
    private readonly HttpClient _inside = new();
    private readonly IReadOnlyList<SandboxEhr> _ehrs;
    private readonly SandboxConsultant _consultant;
    private readonly WebApplication _app;
    private TimeSpan _delay;
    private TimeSpan _hang;

    private Partners(IReadOnlyList<SandboxEhr> ehrs, SandboxConsultant consultant)
    {
        (_ehrs, _consultant) = (ehrs, consultant);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Base { get; private set; } = "";

    /// <param name="sizes">One EHR each, with one patient whose record every order asks for; at <c>/fhir</c>, <c>/fhir-1</c>, <c>/fhir-2</c> …</param>
    public static async Task<Partners> StartAsync(IReadOnlyList<RecordSize> sizes)
    {
        var ehrs = new List<SandboxEhr>();
        foreach (var size in sizes)
        {
            var ehr = await SandboxEhr.StartAsync();
            ehr.Load(new RecordGenerator(Machine.Seed, new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero)).Record(1, size));
            ehrs.Add(ehr);
        }

        var partners = new Partners(ehrs, await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = true }));
        await partners._app.StartAsync();
        partners.Base = partners._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        for (int i = 0; i < ehrs.Count; i++) ehrs[i].PublicBase = partners.Base + PathOf(i);
        return partners;
    }

    /// <summary>Of the base of an EHR.</summary>
    public static string PathOf(int ehr) => ehr == 0 ? "/fhir" : $"/fhir-{ehr}";

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var ehr in _ehrs) await ehr.DisposeAsync();
        await _consultant.DisposeAsync();
        _inside.Dispose();
        _arrivals.Dispose();
    }

    private Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        return path.StartsWith("/control/", StringComparison.Ordinal) ? ControlAsync(http, path["/control/".Length..])
            : HttpMethods.IsGet(http.Request.Method) ? GiveAsync(http, path)
            : TakeAsync(http);
    }

    private async Task ControlAsync(HttpContext http, string what)
    {
        switch (what)
        {
            case "stream":
                await http.Response.BodyWriter.FlushAsync();
                while (true)
                {
                    await _arrivals.WaitAsync(http.RequestAborted);
                    http.Response.BodyWriter.GetSpan(1)[0] = (byte)'.';
                    http.Response.BodyWriter.Advance(1);
                    await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
                }

            case "forget":
                _asked.Clear();
                break;
            case "delay":
                _delay = Milliseconds(http);
                break;
            case "hang":
                _hang = Milliseconds(http);
                break;
            default:
                // What was asked for since, order ids apart; with how often.
                await http.Response.WriteAsync(string.Join('\n', _asked.Select(asked => $"{asked.Value} {asked.Key}")));
                break;
        }
    }

    private async Task GiveAsync(HttpContext http, string path)
    {
        var asked = path + http.Request.QueryString.Value;
        int at = path.IndexOf("/ServiceRequest/", StringComparison.Ordinal);
        var order = at >= 0 && path.StartsWith("/fhir", StringComparison.Ordinal) ? path[(at + "/ServiceRequest/".Length)..] : null;
        var key = order is null ? asked : asked.Replace(order, Template, StringComparison.Ordinal);
        _asked.AddOrUpdate(key, 1, static (_, times) => times + 1);
        await WaitAsync(http, path);
        if (path.StartsWith("/consultant", StringComparison.Ordinal) && path.Contains("/Bundle/", StringComparison.Ordinal))
        {
            // Nothing is kept.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!_answers.TryGetValue(asked, out var answer))
        {
            answer = await MakeAsync(key, http.Request.Headers.Accept.ToString());
            if (order is not null)
            {
                answer.Body = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(answer.Body).Replace($"\"{Template}\"", $"\"{order}\"", StringComparison.Ordinal));
            }
            else
            {
                _answers[asked] = answer;
            }
        }

        http.Response.ContentType = answer.Type;
        http.Response.ContentLength = answer.Body.Length;
        await http.Response.BodyWriter.WriteAsync(answer.Body, http.RequestAborted);
    }

    /// <param name="accept">Of a file its own bytes are asked for, of anything else FHIR.</param>
    private async Task<(byte[] Body, string Type)> MakeAsync(string key, string accept)
    {
        if (_answers.TryGetValue(key, out var made))
        {
            return made;
        }

        int end = key.IndexOfAny(['/', '?'], 1);
        var partner = key[..end];
        var inside = (partner.StartsWith("/consultant", StringComparison.Ordinal) ? _consultant.Base : _ehrs.Where((_, i) => PathOf(i) == partner).Single().Base) + key[end..];
        using var request = new HttpRequestMessage(HttpMethod.Get, inside);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = (await _inside.SendAsync(request)).EnsureSuccessStatusCode();
        made = (await answer.Content.ReadAsByteArrayAsync(), answer.Content.Headers.ContentType!.ToString());
        _answers[key] = made;
        return made;
    }

    private static TimeSpan Milliseconds(HttpContext http) => TimeSpan.FromMilliseconds(int.Parse(http.Request.Query["ms"].ToString(), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>As long as this partner was told to take for an answer.</summary>
    private async Task WaitAsync(HttpContext http, string path)
    {
        var wait = path.StartsWith("/fhir", StringComparison.Ordinal) ? _delay : path.StartsWith(Hanging + "/", StringComparison.Ordinal) ? _hang : TimeSpan.Zero;
        if (wait > TimeSpan.Zero) await Task.Delay(wait, TimeProvider.System, http.RequestAborted);
    }

    private async Task TakeAsync(HttpContext http)
    {
        var body = http.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(http.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await WaitAsync(http, http.Request.Path.Value!);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"{Base}{http.Request.Path}/_history/1";
        http.Response.ContentLength = 0;
        await http.Response.CompleteAsync();
        if (http.Request.Path.Value!.StartsWith("/consultant", StringComparison.Ordinal) && !http.Request.Path.Value.StartsWith(Hanging + "/", StringComparison.Ordinal))
        {
            // The service's, not the comparators'.
            _arrivals.Release();
        }
    }
}
