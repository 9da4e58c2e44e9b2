using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using ReferralService.Contracts;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Intake.Settings;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>Which addresses are connected to: what was checked, and nothing else.</summary>
[Fault("E11")]
[Fault("S25")]
public sealed class EgressTests
{
    [TestCase("169.254.169.254", "metadata")]
    [TestCase("::ffff:169.254.169.254", "metadata")]
    [TestCase("64:ff9b::a9fe:a9fe", "metadata")]
    [TestCase("2002:a9fe:a9fe::1", "metadata")]
    [TestCase("fd00:ec2::254", "metadata")]
    [TestCase("169.254.7.7", "link-local")]
    [TestCase("fe80::1", "link-local")]
    [TestCase("fe80::1%3", "link-local")]
    [TestCase("0.0.0.0", "unspecified")]
    [TestCase("::", "unspecified")]
    [TestCase("224.0.0.1", "multicast")]
    [TestCase("ff02::1", "multicast")]
    [TestCase("255.255.255.255", "reserved")]
    [TestCase("127.0.0.1", "loopback")]
    [TestCase("127.9.9.9", "loopback")]
    [TestCase("::1", "loopback")]
    [TestCase("::ffff:127.0.0.1", "loopback")]
    [TestCase("10.1.2.3", null)]
    [TestCase("192.168.1.1", null)]
    [TestCase("fd12:3456::1", null)]
    [TestCase("203.0.113.9", null)]
    public void An_address_is_one_a_partner_may_have_or_it_is_said_why_not(string address, string? why)
        => Assert.That(new AddressRule(Loopback: false, []).WhyNot(IPAddress.Parse(address)), Is.EqualTo(why));

    [TestCase("10.1.2.3", null)]
    [TestCase("::ffff:10.1.2.3", null)]
    [TestCase("10.2.2.3", "outside-networks")]
    [TestCase("203.0.113.9", "outside-networks")]
    [TestCase("169.254.169.254", "metadata")]
    public void Networks_narrow_what_is_allowed_and_never_widen_it(string address, string? why)
        => Assert.That(
            new AddressRule(Loopback: false, [IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("169.254.0.0/16")]).WhyNot(IPAddress.Parse(address)), Is.EqualTo(why));

    [Test]
    public async Task A_name_that_turns_to_this_machine_is_refused_before_a_connection_is_made()
    {
        int requests = 0;
        await using var server = await ScriptedServer.StartAsync(_ =>
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        });
        var log = new LogLines();
        var client = Client($"http://ehr.example:{server.Origin.Port}/fhir", [], log, (_, _) => Task.FromResult(new[] { IPAddress.Loopback }));

        var fault = Assert.ThrowsAsync<FhirRequestException>(() => client.ReadAsync("Patient", "p1", default));

        Assert.That((fault!.Code, fault.Progress, requests), Is.EqualTo((RequestCode.AddressRefused, RequestProgress.NotSent, 0)));
        Assert.That(log.Lines, Has.Exactly(1).Contains("loopback").And.None.Contains("p1").And.None.Contains("127.0.0.1"));
        Assert.That(EhrFailure.Of(fault), Has.Property("Kind").EqualTo(FailureKind.Misconfigured).And.Property("Code").EqualTo(ReasonCodes.AddressRefused));
    }

    [Test]
    public async Task The_address_that_was_checked_is_the_one_connected_to_and_a_name_is_asked_once_per_connection()
    {
        // The first answer is harmless, every later one is not: whoever asks again between the check and the connection is caught.
        await using var server = await ScriptedServer.StartAsync(c => c.Response.WriteAsync("""{"resourceType":"Patient","id":"p1"}"""));
        int asked = 0;
        var client = Client($"http://localhost:{server.Origin.Port}/fhir", [], new LogLines(),
            (_, _) => Task.FromResult(new[] { Interlocked.Increment(ref asked) == 1 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254") }));

        await client.ReadAsync("Patient", "p1", default);

        Assert.That(asked, Is.EqualTo(1));
    }

    [Test]
    public async Task Of_several_addresses_only_the_allowed_are_used()
    {
        await using var server = await ScriptedServer.StartAsync(c => c.Response.WriteAsync("""{"resourceType":"Patient","id":"p1"}"""));
        var log = new LogLines();
        var client = Client($"http://localhost:{server.Origin.Port}/fhir", [], log,
            (_, _) => Task.FromResult(new[] { IPAddress.Parse("169.254.169.254"), IPAddress.Loopback }));

        Assert.That((await client.ReadAsync("Patient", "p1", default)).Id, Is.EqualTo("p1"));
        Assert.That(log.Lines, Has.Exactly(1).Contains("metadata"));
    }

    [TestCase("https://user@ehr.example/fhir", "user info")]
    [TestCase("https://@ehr.example/fhir", "user info")]
    [TestCase("https://a%40b.example/fhir", "http or https")]
    [TestCase("file:///etc/passwd", "http or https")]
    [TestCase("ftp://ehr.example/fhir", "http or https")]
    [TestCase("gopher://ehr.example/fhir", "http or https")]
    [TestCase("//ehr.example/fhir", "http or https")]
    [TestCase("https://2130706433/fhir", "unusual form")]
    [TestCase("https://0x7f000001/fhir", "unusual form")]
    [TestCase("https://0177.0.0.1/fhir", "unusual form")]
    [TestCase("https://127.1/fhir", "unusual form")]
    [TestCase("https://ehr.example\\fhir", "http or https")]
    [TestCase("https://ｅhr.example/fhir", "ASCII")]
    [TestCase("https://еhr.example/fhir", "ASCII")]
    [TestCase("https://169.254.169.254/latest", "metadata")]
    [TestCase("https://[fe80::1]/fhir", "link-local")]
    [TestCase("https://[::ffff:169.254.169.254]/fhir", "metadata")]
    [TestCase("https://0.0.0.0/fhir", "unspecified")]
    [TestCase("http://ehr.example/fhir", "http beyond loopback")]
    public void An_address_that_is_not_what_it_seems_stops_the_start_by_its_key(string baseUrl, string says)
    {
        var faults = Faults(new() { ["Ehrs:main:BaseUrl"] = baseUrl });

        Assert.That(faults, Has.Some.StartsWith("Ehrs:main:BaseUrl: ").And.Some.Contains(says));
        Assert.That(faults, Has.None.Contains(baseUrl));
    }

    [TestCase("10.1.0.0/16", null)]
    [TestCase("10.2.0.0/16", "Ehrs:main:BaseUrl: lies outside")]
    [TestCase("10.1.0.0", "Ehrs:main:Networks:0: ")]
    [TestCase("everything", "Ehrs:main:Networks:0: ")]
    public void Networks_are_checked_at_the_start(string network, string? fault)
    {
        var faults = Faults(new() { ["Ehrs:main:BaseUrl"] = "https://10.1.2.3/fhir", ["Ehrs:main:Networks:0"] = network });

        Assert.That(faults, fault is null ? Is.Empty : Has.Some.StartsWith(fault));
    }

    private static List<string> Faults(Dictionary<string, string?> settings)
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        EhrSettings.Read(reader);
        return reader.Faults;
    }

    private static FhirClient Client(string baseUrl, IReadOnlyList<IPNetwork> networks, ILogger log, NameLookup lookup)
    {
        var to = new Uri(baseUrl);
        var http = PartnerHttp.Open(to, new PartnerAuth(), 2, new EgressGuard("main", to, networks, log, lookup));
        return new FhirClient(http, to, new FhirClientOptions(), TimeProvider.System);
    }
}
