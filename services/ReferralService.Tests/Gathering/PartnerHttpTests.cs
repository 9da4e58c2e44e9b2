using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>What holds for the HTTP client of every partner, EHR and recipient alike.</summary>
public sealed class PartnerHttpTests
{
    private static readonly PartnerAuth Bearer = new() { Kind = AuthKind.Bearer, Token = "secret" };

    [TestCase("/fhir/Patient/1", "Bearer secret")]
    [TestCase("/elsewhere", "Bearer secret")]
    public async Task The_partners_own_origin_gets_the_credentials(string path, string expected)
    {
        var (heard, server) = await ListenAsync();
        await using var disposed = server;
        using var http = Open(new Uri(server.Origin, "/fhir"), Bearer);

        using var answer = await http.GetAsync(new Uri(server.Origin, path));

        Assert.That(heard, Is.EqualTo(new[] { expected }));
    }

    [Test]
    [Fault("E11")]
    public async Task Another_origin_is_never_connected_to_whoever_made_the_request()
    {
        var (heard, server) = await ListenAsync();
        await using var disposed = server;
        using var http = Open(new Uri($"http://127.0.0.1:{server.Origin.Port + 1}/fhir"), Bearer);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Origin);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer secret");

        var fault = Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(request));

        Assert.That(fault!.InnerException, Is.InstanceOf<FhirRequestException>().With.Property("Code").EqualTo(RequestCode.AddressRefused));
        Assert.That(heard, Is.Empty);
    }

    [Test]
    [Fault("E11")]
    public async Task A_redirect_is_an_answer_and_is_not_followed()
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Redirect("/fhir/other");
            context.Response.Cookies.Append("session", "1");
            return Task.CompletedTask;
        });
        using var http = Open(new Uri(server.Origin, "/fhir"), new PartnerAuth());

        using var answer = await http.GetAsync(new Uri(server.Origin, "/fhir/metadata"));

        Assert.That((int)answer.StatusCode, Is.EqualTo(302));
    }

    [Test]
    public async Task Only_HTTP_1_1_is_spoken_and_cookies_are_not_kept()
    {
        var seen = new List<string>();
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            seen.Add($"{context.Request.Protocol} {context.Request.Headers.Cookie}");
            context.Response.Cookies.Append("session", "1");
            return Task.CompletedTask;
        });
        using var http = Open(server.Origin, new PartnerAuth());

        using var first = await http.GetAsync(server.Origin);
        using var second = await http.GetAsync(server.Origin);

        Assert.That(seen, Is.EqualTo(new[] { "HTTP/1.1 ", "HTTP/1.1 " }));
    }

    private static HttpClient Open(Uri baseUrl, PartnerAuth auth)
        => PartnerHttp.Open(baseUrl, auth, 2, new EgressGuard("main", baseUrl, [], NullLogger.Instance));

    private static async Task<(List<string> Heard, ScriptedServer Server)> ListenAsync()
    {
        var heard = new List<string>();
        var server = await ScriptedServer.StartAsync(context =>
        {
            heard.Add(context.Request.Headers.Authorization.ToString());
            return Task.CompletedTask;
        });
        return (heard, server);
    }
}
