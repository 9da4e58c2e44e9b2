using System.Net;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>Requests written so that two readers see two things in them, and verbs nobody offers.</summary>
[CancelAfter(60_000)]
public sealed class FramingTests
{
    private const string Order = "{\"ehr\":\"main\",\"serviceRequest\":\"evil\"}";
    private const string Smuggled = "POST /api/referrals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n" + Order;

    private IntakeHost _host = null!;
    private Uri _server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await IntakeHost.StartAsync(("Intake:HeadersTimeout", "00:00:02"));
        _server = _host.Client.BaseAddress!;
    }

    [OneTimeTearDown]
    public async Task End() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Twofold()
    {
        static TestCaseData Row(string name, string headers, string body) => new TestCaseData(headers, body).SetArgDisplayNames(name);

        yield return Row("length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", $"26\r\n{Order}\r\n0\r\n\r\n" + Smuggled);
        yield return Row("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 38\r\n", $"26\r\n{Order}\r\n0\r\n\r\n" + Smuggled);
        yield return Row("two lengths", "Content-Length: 2\r\nContent-Length: 200\r\n", "{}" + Smuggled);
        yield return Row("two lengths in one line", "Content-Length: 2, 200\r\n", "{}" + Smuggled);
        yield return Row("a length that is no number", "Content-Length: 2a\r\n", "{}" + Smuggled);
        yield return Row("a length beyond all numbers", "Content-Length: 99999999999999999999\r\n", "{}" + Smuggled);
        yield return Row("an unknown transfer coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + Smuggled);
        yield return Row("chunks named with a tab and another coding", "Transfer-Encoding: chunked,\tgzip\r\n", "0\r\n\r\n" + Smuggled);
        yield return Row("space before a header's colon", "Content-Length : 2\r\n", "{}" + Smuggled);
        yield return Row("a header folded over two lines", "X-A: b\r\n Content-Length: 2\r\n", "{}" + Smuggled);
        yield return Row("NUL in a header", "X-A: b\0c\r\n", Smuggled);
        yield return Row("two hosts", "Host: evil.example\r\n", Smuggled);
        yield return Row("chunk of a bad length", "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n" + Smuggled);
        yield return Row("chunk of a length beyond all numbers", "Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n" + Smuggled);
    }

    [Fault("S40")]
    [TestCaseSource(nameof(Twofold))]
    public async Task A_request_that_can_be_read_two_ways_is_refused_and_its_connection_ends(string headers, string body)
    {
        var answer = await RawConnection.ExchangeAsync(
            _server, $"POST /api/referrals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}\r\n{body}");

        Assert.That(answer, Does.StartWith("HTTP/1.1 400 ").And.Not.Contain(" 202 ").And.Not.Contain("evil"), string.Join("\n", _host.OwnLogLines));
        Assert.That(await _host.Referrals.ListAsync(new(), default), Is.Empty, "what was hidden in it was not heard");
    }

    [Fault("S40")]
    [TestCase("TRACE")]
    [TestCase("CONNECT")]
    [TestCase("BREW")]
    [TestCase("PATCH")]
    [TestCase("PROPFIND")]
    [TestCase("DELETE")]
    public async Task A_verb_that_is_not_offered_is_refused_and_nothing_is_given_back(string verb)
    {
        var answer = await RawConnection.ExchangeAsync(_server, $"{verb} /api/referrals HTTP/1.1\r\nHost: localhost\r\nX-Secret: canary7f3\r\nConnection: close\r\n\r\n");

        Assert.That(answer, Does.Match("^HTTP/1.1 (400|405) ").And.Not.Contain("canary7f3"));
    }

    [Fault("S40")]
    [TestCase("GET /api/referrals HTTP/1.1\r\n\r\n", TestName = "A request without Host is refused")]
    [TestCase("GET  /api/referrals HTTP/1.1\r\nHost: localhost\r\n\r\n", TestName = "A request line of two spaces is refused")]
    [TestCase("GET /api/referrals HTTP/9.9\r\nHost: localhost\r\n\r\n", TestName = "A version nobody speaks is refused")]
    [TestCase("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n", TestName = "TLS to the plain port is refused")]
    public async Task What_is_no_HTTP_1_1(string bytes)
        => Assert.That(await RawConnection.ExchangeAsync(_server, bytes), Does.Match("^HTTP/1.1 (400|505) "));

    [Fault("S40")]
    [Test]
    public async Task Too_many_headers_and_headers_too_long_are_refused()
    {
        var many = string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: a\r\n"));

        Assert.That(await RawConnection.ExchangeAsync(_server, $"GET /api/referrals HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), Does.StartWith("HTTP/1.1 431 "));
        Assert.That(await RawConnection.ExchangeAsync(_server, $"GET /api/referrals HTTP/1.1\r\nHost: localhost\r\nX-A: {new string('a', 40_000)}\r\n\r\n"), Does.StartWith("HTTP/1.1 431 "));
        Assert.That(await RawConnection.ExchangeAsync(_server, $"GET /{new string('a', 9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"), Does.StartWith("HTTP/1.1 414 "));
    }

    [Fault("S32")]
    [TestCase("/fhir/notify/main/ServiceRequest/a%0d%0a2026-11-23%20forged", TestName = "A line forged in an id")]
    [TestCase("/fhir/notify/main%0a9999%20forged/ServiceRequest/1", TestName = "A line forged in an EHR's name")]
    [TestCase("/fhir/notify/main/ServiceRequest/%1b%5b31mforged", TestName = "A terminal's escape in an id")]
    [TestCase("/fhir/notify/main/ServiceRequest/%e2%80%aeforged%c2%85", TestName = "Marks that turn a line around, in an id")]
    public async Task What_would_forge_a_line_of_the_log_reaches_no_log(string path)
    {
        using var answer = await _host.HookAsync(
            HttpMethod.Put, path, Hooks.Utf8("{\"resourceType\":\"ServiceRequest\",\"id\":\"a\\r\\nforged\"}"), headers: [("X-Request-Id", "a\u001b[2Jforged"), ("User-Agent", "forged")]);

        Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.BadRequest, HttpStatusCode.NotFound));
        Assert.That(_host.OwnLogLines, Is.Not.Empty.And.None.Contains("forged"));
        Assert.That(_host.OwnLogLines.Where(line => line.Any(char.IsControl)), Is.Empty);
    }

    [Fault("S32")]
    [Test]
    public async Task A_line_end_in_a_header_ends_the_request()
        => Assert.That(
            await RawConnection.ExchangeAsync(_server, "GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\nX-A: b\rforged: c\r\nConnection: close\r\n\r\n"),
            Does.StartWith("HTTP/1.1 400 ").And.Not.Contain("forged"));
}
