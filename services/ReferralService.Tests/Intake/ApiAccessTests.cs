using System.Net;
using System.Text.Json;

namespace ReferralService.Tests.Intake;

public sealed class ApiAccessTests
{
    private const string Submit = """{"ehr":"main","serviceRequest":"1"}""";

    private IntakeHost _open = null!;
    private IntakeHost _keyed = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _open = await IntakeHost.StartAsync();
        _keyed = await IntakeHost.StartAsync(
            ("Api:Keys:board:Secret", "v-secret-of-this-test"), ("Api:Keys:board:Role", "viewer"), ("Api:Keys:ops:Secret", "o-secret-of-this-test"), ("Api:Keys:ops:Role", "operator"),
            ("Api:Keys:dpo:Secret", "p-secret-of-this-test"), ("Api:Keys:dpo:Role", "Privacy"));
    }

    [OneTimeTearDown]
    public async Task End()
    {
        await _open.DisposeAsync();
        await _keyed.DisposeAsync();
    }

    [TestCase(null, 401)]
    [TestCase("Bearer x", 401)]
    [TestCase("Basic o-secret-of-this-test", 401)]
    [TestCase("Bearer v-secret-of-this-test", 403)]
    [TestCase("Bearer o-secret-of-this-test", 202)]
    [TestCase("bearer p-secret-of-this-test", 202)]
    public async Task With_keys_a_submit_needs_an_operators(string? authorization, int status)
    {
        using var response = await _keyed.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: authorization is null ? [] : [("Authorization", authorization)]);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
    }

    [TestCase("GET", "/api/referrals/1/package", "v-secret-of-this-test", 403)]
    [TestCase("GET", "/api/referrals/1/package", "o-secret-of-this-test", 403)]
    [TestCase("GET", "/api/referrals/1/package", "p-secret-of-this-test", 404)]
    [TestCase("GET", "/metrics", "v-secret-of-this-test", 404)]
    [TestCase("GET", "/metrics", null, 401)]
    [TestCase("GET", "/fhir/AuditEvent", null, 401)]
    [TestCase("GET", "/fhir/metadata", null, 200)]
    public async Task With_keys_each_address_needs_its_role(string method, string path, string? secret, int status)
    {
        using var response = await _keyed.ApiAsync(new HttpMethod(method), path, null, headers: secret is null ? [] : [("Authorization", "Bearer " + secret)]);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
    }

    [TestCase("Host", "referrals.example.org")]
    [TestCase("Origin", "https://evil.example")]
    [TestCase("X-Forwarded-For", "10.0.0.1")]
    [TestCase("Forwarded", "for=10.0.0.1")]
    public async Task Without_keys_a_caller_that_may_be_a_stranger_is_forbidden(string header, string value)
    {
        using var response = await _open.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: (header, value));

        var text = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, JsonDocument.Parse(text).RootElement.GetProperty("code").GetString()), Is.EqualTo((HttpStatusCode.Forbidden, "forbidden")));
    }

    [Test]
    public async Task Without_keys_this_machine_may_do_all()
    {
        using var response = await _open.ApiAsync(HttpMethod.Post, "/api/referrals", Submit);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task A_hooks_own_secret_opens_no_other_door()
    {
        using var response = await _keyed.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: ("Authorization", "Bearer " + IntakeHost.Secret));

        Assert.That((response.StatusCode, response.Headers.WwwAuthenticate.Single().Scheme), Is.EqualTo((HttpStatusCode.Unauthorized, "Bearer")));
    }
}
