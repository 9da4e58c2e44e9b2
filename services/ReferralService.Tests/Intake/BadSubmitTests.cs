using System.Net;
using System.Text;
using System.Text.Json;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>Bodies at <c>/api</c> that are no JSON, two things at once, or more than was asked for: 400, told by a code, nothing echoed, nothing created.</summary>
public sealed class BadSubmitTests
{
    private const string Canary = "canary7f3";

    private IntakeHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync();

    [OneTimeTearDown]
    public async Task End() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Malformed()
    {
        static TestCaseData Row(string name, string body, params byte[] behind) => new TestCaseData((byte[])[.. Encoding.UTF8.GetBytes(body), .. behind]).SetArgDisplayNames(name);

        yield return Row("cut off", """{"ehr":"main","serviceRequest":"canary7f3""");
        yield return Row("NaN", """{"ehr":NaN}""");
        yield return Row("trailing comma", """{"ehr":"main","serviceRequest":"canary7f3",}""");
        yield return Row("comment", """{"ehr":"main"/*canary7f3*/,"serviceRequest":"1"}""");
        yield return Row("single quotes", "{'ehr':'canary7f3'}");
        yield return Row("two values", """{"ehr":"main","serviceRequest":"canary7f3"}{"ehr":"main","serviceRequest":"2"}""");
        yield return Row("lone surrogate", """{"ehr":"main","serviceRequest":"canary7f3\ud800"}""");
        yield return Row("surrogates turned round", """{"ehr":"main","serviceRequest":"\udc00\ud800"}""");
        yield return Row("NUL", "{\"ehr\":\"main\",\"serviceRequest\":\"canary7f3\0\"}");
        yield return Row("invalid UTF-8", "{\"ehr\":\"", 0xff, (byte)'"', (byte)'}');
        yield return Row("overlong UTF-8", "{\"ehr\":\"", 0xc0, 0x80, (byte)'"', (byte)'}');
        yield return Row("byte order mark", "\uFEFF{\"ehr\":\"main\",\"serviceRequest\":\"1\"}");
        yield return Row("UTF-16", "", Encoding.Unicode.GetBytes("{\"ehr\":\"main\",\"serviceRequest\":\"1\"}"));
        yield return Row("NDJSON", "{\"ehr\":\"main\"}\n{\"serviceRequest\":\"1\"}");
        yield return Row("a leading zero", """{"ehr":01}""");
        yield return Row("a key twice", """{"ehr":"main","serviceRequest":"1","serviceRequest":"canary7f3"}""");
        yield return Row("a key twice, once escaped", """{"ehr":"main","\u0065hr":"canary7f3","serviceRequest":"1"}""");
        yield return Row("65 deep", "{\"ehr\":" + new string('[', 65) + new string(']', 65) + "}");
        yield return Row("60 000 brackets", new string('[', 60_000));
    }

    [Fault("S10")]
    [Fault("S11")]
    [Fault("S12")]
    [TestCaseSource(nameof(Malformed))]
    public async Task What_is_no_JSON_or_two_things_at_once_is_400_unreadable(byte[] body)
        => Assert.That(await SubmitAsync(body), Is.EqualTo((HttpStatusCode.BadRequest, "unreadable")));

    [Fault("S13")]
    [TestCase("1e400")]
    [TestCase("9007199254740993")]
    [TestCase("-0.0")]
    public async Task A_number_where_a_text_belongs_is_400_however_large(string number)
        => Assert.That(await SubmitAsync(Encoding.UTF8.GetBytes($$"""{"ehr":"main","serviceRequest":{{number}}}""")), Is.EqualTo((HttpStatusCode.BadRequest, "bad-request")));

    [Fault("S35")]
    [TestCase("state", "\"delivered\"")]
    [TestCase("attempt", "0")]
    [TestCase("id", "\"0b2c1f2e-0000-4000-8000-000000000001\"")]
    [TestCase("fence", "99")]
    [TestCase("dueAt", "\"2000-01-01T00:00:00Z\"")]
    [TestCase("EHR", "\"main\"")]
    [TestCase("__proto__", "{\"state\":\"delivered\"}")]
    [TestCase("$type", "\"System.IO.FileInfo\"")]
    public async Task A_member_that_is_not_the_callers_to_set_is_400_and_nothing_is_created(string member, string value)
        => Assert.That(await SubmitAsync(Encoding.UTF8.GetBytes($$"""{"ehr":"main","serviceRequest":"1","{{member}}":{{value}}}""")), Is.EqualTo((HttpStatusCode.BadRequest, "bad-request")));

    [Fault("S35")]
    [TestCase("retry", """{"recipient":"uro","force":true}""")]
    [TestCase("retry", """{"state":"delivered"}""")]
    [TestCase("cancel", """{"state":"cancelled"}""")]
    public async Task An_action_takes_no_more_than_it_says(string action, string body)
    {
        using var response = await _host.ApiAsync(HttpMethod.Post, $"/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/{action}", body);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Fault("S33")]
    [TestCase("1' OR '1'='1")]
    [TestCase("1; DROP TABLE referral--")]
    [TestCase("%")]
    [TestCase("a%b")]
    [TestCase("../Patient/1")]
    [TestCase("..%2fPatient")]
    [TestCase("ServiceRequest/../Patient/1")]
    [TestCase("ServiceRequest/1?_include=*")]
    [TestCase("ServiceRequest/1#x")]
    [TestCase("ServiceRequest/1/$everything")]
    [TestCase("ServiceRequest/_search")]
    [TestCase("\\\\host\\share")]
    [TestCase("file:///etc/passwd")]
    [TestCase("1\\u0000")]
    [TestCase("1\\r\\nX: y")]
    public async Task An_id_that_means_something_to_SQL_a_path_or_a_search_is_400(string order)
    {
        var body = order.StartsWith('\\') && !order.StartsWith("\\\\", StringComparison.Ordinal) ? order : order.Replace("\\\\", "\\\\\\\\", StringComparison.Ordinal);
        var (status, code) = await SubmitAsync(Encoding.UTF8.GetBytes($$"""{"ehr":"main","serviceRequest":"{{body}}"}"""));

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(code, Is.AnyOf("bad-request", "unreadable"));
    }

    private async Task<(HttpStatusCode Status, string? Code)> SubmitAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using var response = await _host.Client.PostAsync(new Uri("/api/referrals", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();

        Assert.That(text + response.Headers, Does.Not.Contain(Canary));
        Assert.That(await _host.Referrals.ListAsync(new(), default), Is.Empty);
        return (response.StatusCode, JsonDocument.Parse(text).RootElement.GetProperty("code").GetString());
    }
}
