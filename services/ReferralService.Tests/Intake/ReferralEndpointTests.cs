using System.Net;
using System.Text.Json;

namespace ReferralService.Tests.Intake;

public sealed class ReferralEndpointTests
{
    private const string Canary = "canary7f3";

    private IntakeHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await IntakeHost.StartAsync();

    [OneTimeTearDown]
    public async Task End() => await _host.DisposeAsync();

    [Test]
    public async Task A_submit_is_answered_the_same_every_time()
    {
        var answers = new List<(HttpStatusCode, string?, string)>();
        foreach (var order in new[] { "ServiceRequest/again", "again", Hooks.Base + "/ServiceRequest/again" })
        {
            using var response = await SubmitAsync($$"""{"ehr":"main","serviceRequest":"{{order}}"}""");
            answers.Add((response.StatusCode, response.Headers.Location?.OriginalString, await response.Content.ReadAsStringAsync()));
        }

        var id = JsonDocument.Parse(answers[0].Item3).RootElement.GetProperty("id").GetString();
        Assert.Multiple(() =>
        {
            Assert.That(answers, Is.All.EqualTo(answers[0]));
            Assert.That(answers[0], Is.EqualTo((HttpStatusCode.Accepted, $"/api/referrals/{id}", $$"""{"id":"{{id}}","state":"received"}""")));
        });
    }

    [Test]
    public async Task Another_recipient_of_the_same_order_is_another_referral()
    {
        var first = await IdOfAsync("""{"ehr":"main","serviceRequest":"two"}""");
        var second = await IdOfAsync("""{"ehr":"main","serviceRequest":"three","recipient":"uro"}""");

        Assert.That(second, Is.Not.EqualTo(first));
    }

    [Test]
    public async Task Retry_and_cancel_need_no_body_and_follow_the_states()
    {
        var id = await IdOfAsync("""{"ehr":"main","serviceRequest":"lifecycle"}""");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await StatusAsync($"/api/referrals/{id}/retry", null), Is.EqualTo((202, (string?)null)));
            Assert.That(await StatusAsync($"/api/referrals/{id}/retry", """{"recipient":"uro"}"""), Is.EqualTo((202, (string?)null)));
            Assert.That(await StatusAsync($"/api/referrals/{id}/cancel", "{}"), Is.EqualTo((202, (string?)null)));
            Assert.That(await StatusAsync($"/api/referrals/{id}/cancel", null), Is.EqualTo((202, (string?)null)), "a second cancel changes nothing");
            Assert.That(await StatusAsync($"/api/referrals/{id}/retry", null), Is.EqualTo((409, "already-cancelled")));
        });
    }

    [TestCase("", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"1"}""", "text/plain", 415, "unsupported-media-type")]
    [TestCase("""{"ehr":"main","serviceRequest":"1"}""", null, 415, "unsupported-media-type")]
    [TestCase("<a/>", "application/xml", 415, "unsupported-media-type")]
    [TestCase("{\"ehr\":", "application/json", 400, "unreadable")]
    [TestCase("""{"ehr":"main","ehr":"canary7f3","serviceRequest":"1"}""", "application/json", 400, "unreadable")]
    [TestCase("""{"serviceRequest":"1"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"1","state":"canary7f3"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"1","canary7f3":0}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":["1"]}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"canary7f3","serviceRequest":"1"}""", "application/json", 404, "ehr-unknown")]
    [TestCase("""{"ehr":"main","serviceRequest":"Patient/canary7f3"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"https://canary7f3.example/fhir/ServiceRequest/1"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"../canary7f3"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":".."}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"_history"}""", "application/json", 400, "bad-request")]
    [TestCase("""{"ehr":"main","serviceRequest":"1","recipient":"canary7f3"}""", "application/json", 400, "recipient-unknown")]
    public async Task A_bad_submit_is_a_problem_with_a_code_and_creates_nothing(string body, string? type, int status, string code)
    {
        var before = (await _host.Referrals.ListAsync(new(), default)).Length;
        using var response = await _host.ApiAsync(HttpMethod.Post, "/api/referrals", body, type);

        var text = await response.Content.ReadAsStringAsync();
        var problem = JsonDocument.Parse(text).RootElement;
        var after = (await _host.Referrals.ListAsync(new(), default)).Length;
        Assert.Multiple(() =>
        {
            Assert.That(((int)response.StatusCode, problem.GetProperty("code").GetString()), Is.EqualTo((status, code)));
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status));
            Assert.That(text, Does.Not.Contain(Canary));
            Assert.That(after, Is.EqualTo(before));
        });
    }

    [TestCase("/api/referrals/no-uuid/retry", null, 404, "not-found")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/retry", null, 404, "not-found")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/cancel", null, 404, "not-found")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/retry", """{"recipient":"nobody"}""", 400, "recipient-unknown")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/retry", """{"to":"uro"}""", 400, "bad-request")]
    [TestCase("/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/cancel", """{"recipient":"uro"}""", 400, "bad-request")]
    public async Task An_action_on_nothing_is_a_problem_with_a_code(string path, string? body, int status, string code)
        => Assert.That(await StatusAsync(path, body), Is.EqualTo((status, code)));

    [Test]
    public async Task A_body_longer_than_a_request_may_be_is_not_read()
    {
        using var response = await SubmitAsync($$"""{"ehr":"{{new string('a', 70_000)}}"}""");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    private Task<HttpResponseMessage> SubmitAsync(string body) => _host.ApiAsync(HttpMethod.Post, "/api/referrals", body);

    private async Task<string> IdOfAsync(string body)
    {
        using var response = await SubmitAsync(body);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }

    private async Task<(int, string?)> StatusAsync(string path, string? body)
    {
        using var response = await _host.ApiAsync(HttpMethod.Post, path, body);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        return ((int)response.StatusCode, answer.TryGetProperty("code", out var code) ? code.GetString() : null);
    }
}
