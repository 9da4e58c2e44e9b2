using System.Net;
using Microsoft.AspNetCore.Http;
using ReferralService.Intake.Access;

namespace ReferralService.Tests.Intake;

public sealed class LocalCallerTests
{
    [TestCase("127.0.0.1", "localhost:8080", null, null, true)]
    [TestCase("::1", "[::1]:8080", null, null, true)]
    [TestCase("::ffff:127.0.0.1", "127.0.0.1", null, null, true)]
    [TestCase("127.0.0.1", "localhost:8080", "Origin", "http://localhost:8080", true)]
    [TestCase("127.0.0.1", "localhost:8080", "Sec-Fetch-Site", "same-origin", true)]
    [TestCase("192.168.1.7", "localhost:8080", null, null, false)]
    [TestCase(null, "localhost:8080", null, null, false)]
    [TestCase("127.0.0.1", "referrals.example.org", null, null, false)]
    [TestCase("127.0.0.1", "localhost.example.org", null, null, false)]
    [TestCase("127.0.0.1", "", null, null, false)]
    [TestCase("127.0.0.1", "localhost:8080", "Forwarded", "for=10.0.0.1", false)]
    [TestCase("127.0.0.1", "localhost:8080", "X-Forwarded-For", "10.0.0.1", false)]
    [TestCase("127.0.0.1", "localhost:8080", "x-forwarded-host", "a", false)]
    [TestCase("127.0.0.1", "localhost:8080", "Origin", "https://evil.example", false)]
    [TestCase("127.0.0.1", "localhost:8080", "Origin", "null", false)]
    [TestCase("127.0.0.1", "localhost:8080", "Origin", "http://localhost:9090", false)]
    [TestCase("127.0.0.1", "localhost:8080", "Sec-Fetch-Site", "cross-site", false)]
    public void Only_this_machines_own_programs_are_let_in(string? peer, string host, string? header, string? value, bool expected)
    {
        var headers = new HeaderDictionary();
        if (header is not null) headers[header] = value;

        Assert.That(LocalCaller.WhyNot(peer is null ? null : IPAddress.Parse(peer), headers, new HostString(host), "http"), expected ? Is.Null : Is.Not.Empty);
    }
}
