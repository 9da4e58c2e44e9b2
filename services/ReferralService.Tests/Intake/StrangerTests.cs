using System.Net;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

/// <summary>Callers from other sites, behind proxies that are none, and with keys that may do less.</summary>
public sealed class StrangerTests
{
    private const string Submit = """{"ehr":"main","serviceRequest":"1"}""";
    private const string Operator = "Bearer operator-of-this-test";

    private IntakeHost _open = null!;
    private IntakeHost _keyed = null!;

    [SetUp]
    public async Task Start()
    {
        _open = await IntakeHost.StartAsync();
        _keyed = await IntakeHost.StartAsync(
            ("Api:Keys:board:Secret", "viewer-of-this-test"), ("Api:Keys:board:Role", "viewer"),
            ("Api:Keys:ops:Secret", "operator-of-this-test"), ("Api:Keys:ops:Role", "operator"), ("PublicUrl", "https://referrals.example.org"));
    }

    [TearDown]
    public async Task End()
    {
        await _open.DisposeAsync();
        await _keyed.DisposeAsync();
    }

    [Fault("S01")]
    [TestCase(null)]
    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Bearer operator-of-this-tes")]
    [TestCase("Bearer operator-of-this-test, Bearer viewer-of-this-test")]
    [TestCase("Basic b3BlcmF0b3Itb2YtdGhpcy10ZXN0")]
    [TestCase("Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoicHJpdmFjeSJ9.")]
    public async Task Without_a_good_key_it_is_401_and_said_how_to_authenticate(string? authorization)
    {
        using var response = await _keyed.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: authorization is null ? [] : [("Authorization", authorization)]);

        Assert.That((response.StatusCode, response.Headers.WwwAuthenticate.Single().Scheme), Is.EqualTo((HttpStatusCode.Unauthorized, "Bearer")));
    }

    [Fault("S03")]
    [TestCase("POST", "/api/referrals")]
    [TestCase("POST", "/api/referrals/preview")]
    [TestCase("POST", "/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/cancel")]
    [TestCase("POST", "/api//referrals/0b2c1f2e-0000-4000-8000-000000000001/RETRY/")]
    [TestCase("GET", "/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/package")]
    [TestCase("GET", "/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/Package/")]
    [TestCase("GET", "/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/%70ackage")]
    [TestCase("GET", "/api/anything/else")]
    public async Task A_key_whose_role_is_too_small_is_403_whether_there_is_such_a_referral_or_not(string method, string path)
    {
        using var response = await _keyed.ApiAsync(new HttpMethod(method), path, method == "POST" ? Submit : null, headers: ("Authorization", "Bearer viewer-of-this-test"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Fault("S34")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/retry")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/cancel")]
    [TestCase("/fhir/notify/main")]
    public async Task A_link_changes_nothing(string path)
    {
        using var response = await _open.ApiAsync(HttpMethod.Get, path, null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Fault("S34")]
    [TestCase("Origin", "https://evil.example", "application/json", 403)]
    [TestCase("Origin", "null", "application/json", 403)]
    [TestCase("Sec-Fetch-Site", "cross-site", "application/json", 403)]
    [TestCase("Sec-Fetch-Site", "same-site", "application/json", 403)]
    [TestCase("X-A", "b", "text/plain", 415)]
    [TestCase("X-A", "b", "application/x-www-form-urlencoded", 415)]
    [TestCase("X-A", "b", "multipart/form-data; boundary=x", 415)]
    public async Task Another_sites_page_can_make_a_browser_change_nothing(string header, string value, string type, int status)
    {
        using var response = await _open.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, type, (header, value));

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(response.Headers.Select(h => h.Key), Has.None.StartsWith("Access-Control-"));
        Assert.That(await _open.Referrals.ListAsync(new(), default), Is.Empty);
    }

    [Fault("S34")]
    [Test]
    public async Task A_browser_that_asks_first_is_not_encouraged()
    {
        using var response = await _keyed.ApiAsync(
            HttpMethod.Options, "/api/referrals", null, headers: [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization")]);

        Assert.That((int)response.StatusCode, Is.GreaterThanOrEqualTo(400));
        Assert.That(response.Headers.Select(h => h.Key), Has.None.StartsWith("Access-Control-"));
    }

    [Fault("S39")]
    [TestCase("Host", "evil.example")]
    [TestCase("X-Forwarded-Host", "evil.example")]
    [TestCase("X-Forwarded-Proto", "evil")]
    [TestCase("X-Forwarded-Prefix", "/evil")]
    [TestCase("Forwarded", "for=10.0.0.1;host=evil.example")]
    [TestCase("X-Original-URL", "/evil")]
    [TestCase("X-HTTP-Method-Override", "evil")]
    public async Task What_a_header_says_of_our_address_finds_its_way_into_no_answer(string header, string value)
    {
        using var submitted = await _keyed.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: [("Authorization", Operator), (header, value)]);
        using var statement = await _keyed.ApiAsync(HttpMethod.Get, "/fhir/metadata", null, headers: (header, value));

        Assert.That(submitted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(submitted.Headers.Location?.OriginalString, Does.StartWith("/api/referrals/"));
        Assert.That(await submitted.Content.ReadAsStringAsync() + submitted.Headers, Does.Not.Contain("evil"));
        Assert.That(await statement.Content.ReadAsStringAsync(), Does.Contain("https://referrals.example.org/fhir").And.Not.Contain("evil"));
    }

    [Fault("S39")]
    [TestCase("X-Forwarded-For", "127.0.0.1")]
    [TestCase("X-Real-IP", "127.0.0.1")]
    public async Task A_header_makes_nobody_another_caller(string header, string value)
    {
        await using var host = await IntakeHost.StartAsync(("Intake:RequestsPerSecond", "2"), ("Api:Keys:ops:Secret", "operator-of-this-test"), ("Api:Keys:ops:Role", "operator"));
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 20; i++)
        {
            using var response = await host.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: [("Authorization", "Bearer guess"), (header, $"10.0.0.{i}"), ("X-A", value)]);
            statuses.Add(response.StatusCode);
        }

        Assert.That(statuses, Has.Some.EqualTo(HttpStatusCode.TooManyRequests), "each guess counted against the connection's address");
    }

    [Fault("S31")]
    [TestCase("/fhir/metadata", 200)]
    [TestCase("/fhir/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404)]
    [TestCase("/fhir/%253Cscript%253E", 404)]
    [TestCase("/api/%3Cscript%3E?q=%3Cscript%3E", 404)]
    public async Task No_answer_is_taken_for_a_page_or_repeats_what_was_asked(string path, int status)
    {
        using var response = await _open.ApiAsync(HttpMethod.Get, path, null);

        Assert.That(((int)response.StatusCode, response.Headers.GetValues("X-Content-Type-Options").Single()), Is.EqualTo((status, "nosniff")));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Does.EndWith("+json"));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain("<script").And.Not.Contain("3Cscript").And.Not.Contain("alert"));
    }

    [Fault("S36")]
    [Test]
    public async Task An_Idempotency_Key_changes_nothing_for_a_submit_is_repeatable_by_what_it_says()
    {
        async Task<string?> SubmitAsync(string order)
        {
            using var response = await _open.ApiAsync(HttpMethod.Post, "/api/referrals", $$"""{"ehr":"main","serviceRequest":"{{order}}"}""", headers: ("Idempotency-Key", "\"one\""));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            return response.Headers.Location?.OriginalString;
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SubmitAsync("a")));
        var other = await SubmitAsync("b");

        Assert.That(together.Distinct().Count(), Is.EqualTo(1));
        Assert.That(other, Is.Not.EqualTo(together[0]), "another body under the same key is another wish, not answered as the first");
        Assert.That(await _open.Referrals.ListAsync(new(), default), Has.Length.EqualTo(2));
    }
}
