using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>Every row of the bad input that a hook may bring: its status, its issue type and our code, told as an OperationOutcome; nothing stored, nothing echoed.</summary>
public sealed class BadHookTests
{
    private const string Hook = "/fhir/notify/main";
    private const string Canary = "canary7f3";

    private IntakeHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync(("Intake:MaxNotificationBytes", "65536"));

    [OneTimeTearDown]
    public async Task End() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Rows()
    {
        static TestCaseData Row(string name, int status, string issue, string code, string body = "{}", string? type = "application/fhir+json",
            string? authorization = "Bearer " + IntakeHost.Secret, string path = Hook, string method = "POST", (string, string)[]? headers = null)
            => new TestCaseData(method, path, Encoding.UTF8.GetBytes(body), type, authorization, headers ?? [], status, issue, code).SetArgDisplayNames(name);

        var order = Hooks.Order(Canary);
        yield return Row("unknown EHR", 404, "not-found", "ehr-unknown", order, path: "/fhir/notify/" + Canary);
        yield return Row("no secret", 401, "security", "unauthorized", order, authorization: null);
        yield return Row("wrong secret", 401, "security", "unauthorized", order, authorization: "Bearer " + Canary);
        yield return Row("secret cut at a colon", 401, "security", "unauthorized", order, authorization: "Bearer a-secret-of");
        yield return Row("wrong signature", 401, "security", "unauthorized", order, authorization: null, headers: [("X-Signature", new string('a', 64))]);
        yield return Row("an EHR without a secret takes none", 401, "security", "unauthorized", order, path: "/fhir/notify/silent");
        yield return Row("wrong secret before wrong type", 401, "security", "unauthorized", "<a/>", "text/xml", authorization: "Bearer x");
        yield return Row("XML", 415, "not-supported", "unsupported-media-type", "<ServiceRequest/>", "application/fhir+xml");
        yield return Row("XML with DTD", 415, "not-supported", "unsupported-media-type", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "text/xml");
        yield return Row("no type", 415, "not-supported", "unsupported-media-type", order, null);
        yield return Row("latin1", 415, "not-supported", "unsupported-media-type", order, "application/fhir+json; charset=iso-8859-1");
        yield return Row("UTF-16", 415, "not-supported", "unsupported-media-type", order, "application/fhir+json; charset=utf-16");
        yield return Row("form", 415, "not-supported", "unsupported-media-type", order, "application/x-www-form-urlencoded");
        yield return Row("gzip", 415, "not-supported", "unsupported-media-type", order, headers: [("Content-Encoding", "gzip")]);
        yield return Row("XML in JSON's type", 400, "structure", "unreadable", "<ServiceRequest/>");
        yield return Row("cut off", 400, "structure", "unreadable", """{"a":""");
        yield return Row("NaN", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest","x":NaN}""");
        yield return Row("trailing comma", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest",}""");
        yield return Row("comment", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest"/*canary7f3*/}""");
        yield return Row("two values", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest"} {}""");
        yield return Row("lone surrogate", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest","x":"\ud800"}""");
        yield return Row("NUL", 400, "structure", "unreadable", "{\"resourceType\":\"ServiceRequest\",\"x\":\"\0\"}");
        yield return Row("escaped NUL", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest","x":"\u0000"}""");
        yield return Row("byte order mark", 400, "structure", "unreadable", "\uFEFF" + order);
        yield return Row("65 deep", 400, "structure", "unreadable", "{\"resourceType\":\"ServiceRequest\",\"x\":" + new string('[', 64) + new string(']', 64) + "}");
        yield return Row("60 000 brackets", 400, "structure", "not-fhir", new string('[', 60_000));
        yield return Row("resourceType twice", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest","resourceType":"Bundle"}""");
        yield return Row("key twice, once escaped", 400, "structure", "unreadable", """{"resourceType":"ServiceRequest","id":"a","\u0069d":"b"}""");
        yield return Row("a list", 400, "structure", "not-fhir", "[]");
        yield return Row("JSON, not FHIR", 400, "invalid", "not-fhir", """{"canary7f3":"canary7f3"}""");
        yield return Row("another type", 400, "invalid", "not-fhir", """{"resourceType":"Patient","id":"canary7f3"}""");
        yield return Row("id with a path in it", 400, "value", "bad-request", """{"resourceType":"ServiceRequest","id":"../canary7f3"}""");
        yield return Row("id with SQL in it", 400, "value", "bad-request", """{"resourceType":"ServiceRequest","id":"x' OR '1'='1"}""");
        yield return Row("id too long", 400, "value", "bad-request", Hooks.Order(new string('a', 257)));
        yield return Row("id with metacharacters", 400, "value", "bad-request", Hooks.Order("a%'&canary7f3"));
        yield return Row("too large", 413, "too-long", "body-too-large", order + new string(' ', 65536));
        yield return Row("too large, length unsaid", 413, "too-long", "body-too-large", order + new string(' ', 65536), headers: [("Transfer-Encoding", "chunked")]);
        yield return Row("PUT of another id", 400, "value", "bad-request", order, method: "PUT", path: Hook + "/ServiceRequest/other");
        yield return Row("PUT to another type", 400, "invalid", "not-fhir", order, method: "PUT", path: Hook + "/Patient/canary7f3");
        yield return Row("PUT of another type", 400, "invalid", "not-fhir", """{"resourceType":"Patient","id":"1"}""", method: "PUT", path: Hook + "/ServiceRequest/1");
        yield return Row("PUT to an id with CRLF", 400, "value", "bad-request", "{}", method: "PUT", path: Hook + "/ServiceRequest/canary7f3%0d%0aX-Evil:1");
        yield return Row("PUT to an id with a path", 400, "value", "bad-request", "{}", method: "PUT", path: Hook + "/ServiceRequest/..%2fcanary7f3");
        yield return Row("PATCH", 405, "not-supported", "method-not-allowed", order, method: "PATCH");
        yield return Row("TRACE", 405, "not-supported", "method-not-allowed", "", method: "TRACE");
        yield return Row("unknown verb", 405, "not-supported", "method-not-allowed", order, method: "BREW");
        yield return Row("unknown address", 404, "not-found", "not-found", order, path: "/fhir/ServiceRequest/canary7f3", method: "GET");
    }

    [Fault("S04")]
    [Fault("S06")]
    [Fault("S08")]
    [Fault("S09")]
    [Fault("S10")]
    [Fault("S11")]
    [Fault("S12")]
    [Fault("S18")]
    [Fault("S33")]
    [Fault("S40")]
    [TestCaseSource(nameof(Rows))]
    public async Task Bad_input_is_told_what_it_is(
        string method, string path, byte[] body, string? type, string? authorization, (string, string)[] headers, int status, string issue, string code)
    {
        using var response = await _host.HookAsync(new HttpMethod(method), path, method is "GET" or "TRACE" ? null : body, type, authorization, headers);

        var text = await response.Content.ReadAsStringAsync();
        var outcome = JsonDocument.Parse(text).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(status), text);
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/fhir+json"));
            Assert.That(outcome.GetProperty("resourceType").GetString(), Is.EqualTo("OperationOutcome"));
            Assert.That(outcome.GetProperty("issue")[0].GetProperty("code").GetString(), Is.EqualTo(issue));
            Assert.That(outcome.GetProperty("issue")[0].GetProperty("details").GetProperty("coding")[0].GetProperty("code").GetString(), Is.EqualTo(code));
            Assert.That(outcome.GetProperty("issue")[0].GetProperty("diagnostics").GetString(), Is.Not.Empty);
            Assert.That(text + response.Headers, Does.Not.Contain(Canary).And.Not.Contain(IntakeHost.Secret), "nothing sent is echoed");
        });
    }

    [TearDown]
    public async Task Nothing_was_stored_and_nothing_logged()
    {
        var (orders, sweepDue) = await _host.TakeHintsAsync();
        Assert.That((orders, sweepDue), Is.EqualTo((Array.Empty<string>(), false)));
        Assert.That(_host.OwnLogLines, Has.None.Contains(Canary).And.None.Contains(IntakeHost.Secret));
    }

    [Test]
    public async Task A_401_says_how_to_authenticate()
    {
        using var response = await _host.HookAsync(HttpMethod.Post, Hook, Hooks.Utf8("{}"), authorization: null);

        Assert.That(response.Headers.WwwAuthenticate.Single().Scheme, Is.EqualTo("Bearer"));
    }

    [TestCase(Hook)]
    [TestCase("/api/referrals")]
    public async Task A_sender_that_does_not_listen_while_it_writes_hears_why_its_body_was_refused(string path)
    {
        using var connection = new TcpClient();
        var server = _host.Client.BaseAddress!;
        await connection.ConnectAsync(server.Host, server.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {IntakeHost.Secret}\r\nContent-Type: application/json\r\nContent-Length: {32 << 20}\r\n\r\n"));

        await stream.WriteAsync(new byte[32 << 20]);

        using var answer = new StreamReader(stream);
        Assert.That(await answer.ReadLineAsync(), Is.EqualTo("HTTP/1.1 413 Payload Too Large"));
    }

    [Test]
    public async Task A_405_says_what_is_allowed()
    {
        using var response = await _host.HookAsync(HttpMethod.Patch, Hook, Hooks.Utf8("{}"));

        Assert.That((response.StatusCode, string.Join(',', response.Content.Headers.Allow)), Is.EqualTo((HttpStatusCode.MethodNotAllowed, "POST")));
    }

    [Test]
    public async Task The_server_does_not_name_itself()
    {
        using var response = await _host.HookAsync(HttpMethod.Post, Hook, Hooks.Utf8("{}"), authorization: null);

        Assert.That(response.Headers.Server, Is.Empty);
    }
}
