using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using ReferralService.Terminal;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Terminal;

/// <summary>Where a verb goes, with which key, and what it says when the service is not there or does not want it.</summary>
internal sealed class ServiceAddressTests
{
    private const string Key = "a-key-of-this-test-0123456789";

    [Test]
    public async Task The_option_comes_before_the_environment_and_that_before_the_settings()
    {
        await using var server = await ScriptedServer.StartAsync(context => context.Response.WriteAsync("""{"items":[],"next":null}"""));
        var here = server.Origin.ToString();

        var option = await Typed.RunAsync(["list", "--url", here], url: "http://127.0.0.1:1", configured: "http://127.0.0.1:1");
        var environment = await Typed.RunAsync(["list"], url: here, configured: "http://127.0.0.1:1");
        var settings = await Typed.RunAsync(["list"], configured: $"http://*:{server.Origin.Port};http://[::]:1");

        Assert.That(new[] { option.Code, environment.Code, settings.Code }, Is.All.Zero, option.Errors + environment.Errors + settings.Errors);
    }

    [Test]
    public async Task A_service_that_is_not_there_is_5_with_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        var typed = await Typed.RunAsync(["list"], url: $"http://127.0.0.1:{port}");

        Assert.That(typed, Is.EqualTo(new Typed(5, "", $"No service is reached at http://127.0.0.1:{port}. See that it runs, or say where it is: --url or REFERRAL_SERVICE_URL.\n")));
    }

    [TestCase(200, "<html>")]
    [TestCase(404, "<html>")]
    [TestCase(200, "{}")]
    [TestCase(302, "")]
    public async Task Another_server_is_told_apart(int status, string body)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return context.Response.WriteAsync(body);
        });

        var typed = await Typed.RunAsync(["list"], url: server.Origin.ToString());

        Assert.That((typed.Code, typed.Output), Is.EqualTo((5, "")));
        Assert.That(typed.Errors, Does.Contain("is not this service"));
    }

    [Test]
    public async Task A_key_comes_from_the_environment_or_a_file_and_is_never_said()
    {
        await using var service = await RunningService.StartAsync(new Dictionary<string, string> { ["Api:Keys:ops:Secret"] = Key, ["Api:Keys:ops:Role"] = "viewer" });
        var url = service.Http.BaseAddress!.ToString();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Key + "\n");

        var none = await Typed.RunAsync(["list"], url: url);
        var wrong = await Typed.RunAsync(["list"], new Dictionary<string, string> { [ServiceAddress.KeyVariable] = "another-key-of-this-test" }, url);
        var right = await Typed.RunAsync(["list"], new Dictionary<string, string> { [ServiceAddress.KeyVariable] = Key }, url);
        var kept = await Typed.RunAsync(["list", "--key-file", file], url: url);
        var lesser = await Typed.RunAsync(["retry", "01993c00-0000-7000-8000-000000000000", "--key-file", file], url: url);
        File.Delete(file);

        Assert.Multiple(() =>
        {
            Assert.That(none.Code, Is.EqualTo(6));
            Assert.That(none.Errors, Does.StartWith("unauthorized: ").And.EndWith(" Put a key into REFERRAL_SERVICE_KEY, or name a file that holds one: --key-file.\n"));
            Assert.That(wrong.Code, Is.EqualTo(6));
            Assert.That(wrong.Errors, Does.Contain("is none of them").And.Not.Contain("another-key"));
            Assert.That((right.Code, kept.Code), Is.EqualTo((0, 0)), right.Errors + kept.Errors);
            Assert.That(lesser.Code, Is.EqualTo(6));
            Assert.That(lesser.Errors, Does.StartWith("forbidden: ").And.EndWith("it needs the role operator.\n"));
        });
    }

    [Test]
    public async Task A_key_does_not_travel_in_clear_unless_somebody_says_so()
    {
        var typed = await Typed.RunAsync(["list", "--url", "http://referrals.example.invalid"], new Dictionary<string, string> { [ServiceAddress.KeyVariable] = Key });

        Assert.That(typed.Code, Is.EqualTo(2));
        Assert.That(typed.Errors, Does.StartWith("The key would travel in clear").And.Not.Contain(Key));
    }
}
