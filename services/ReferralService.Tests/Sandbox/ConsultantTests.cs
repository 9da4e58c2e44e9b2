using System.Net;
using System.Text.Json.Nodes;
using ReferralService.Sandbox.Consultant;

namespace ReferralService.Tests.Sandbox;

public sealed class ConsultantTests
{
    private const string Document = """{"resourceType":"Bundle","id":"pack-1","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:6f8e"},"type":"collection","entry":[{"resource":{"resourceType":"Basic","id":"x","extension":[{"url":"u","valueDecimal":0.010}]}}]}""";

    private const string Referral = """
        {"resourceType":"Bundle","type":"transaction","entry":[
         {"fullUrl":"urn:uuid:0a","resource":{"resourceType":"Patient","id":"p9","text":{"status":"generated","div":"<div><a href=\"urn:uuid:0b\">order</a></div>"}},"request":{"method":"POST","url":"Patient"}},
         {"fullUrl":"urn:uuid:0b","resource":{"resourceType":"ServiceRequest","id":"s9","subject":{"reference":"urn:uuid:0a"},"quantityQuantity":{"value":1.00}},"request":{"method":"POST","url":"ServiceRequest"}},
         {"fullUrl":"urn:uuid:0c","resource":{"resourceType":"Task","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:pack"}],"focus":{"reference":"urn:uuid:0b"},"for":{"reference":"urn:uuid:0a"}},"request":{"method":"POST","url":"Task"}}]}
        """;

    private readonly HttpClient _http = new();

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task A_bundle_put_to_its_id_is_kept_byte_for_byte_and_found_by_identifier()
    {
        await using var consultant = await SandboxConsultant.StartAsync();

        using var answer = await _http.PutAsync(consultant.Base + "/Bundle/pack-1", SandboxCalls.Fhir(Document));

        var page = await _http.JsonAsync(consultant.Base + "/Bundle?identifier=urn:ietf:rfc:3986|urn:uuid:6f8e");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(await _http.GetStringAsync(consultant.Base + "/Bundle/pack-1"), Is.EqualTo(Document));
        Assert.That((int)page["total"]!, Is.EqualTo(1));
        Assert.That(page.Link("self"), Does.Contain("identifier="));
        Assert.That(consultant.Effects.All.Single().Identifier, Is.EqualTo("urn:uuid:6f8e"));
    }

    [Test]
    public async Task Where_ids_are_given_by_the_server_a_PUT_is_refused_and_a_POST_gets_one()
    {
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });

        using var put = await _http.PutAsync(consultant.Base + "/Bundle/pack-1", SandboxCalls.Fhir(Document));
        using var post = await _http.PostAsync(consultant.Base + "/Bundle", SandboxCalls.Fhir(Document));

        var key = consultant.Effects.All.Single().Key;
        Assert.That((put.StatusCode, post.StatusCode), Is.EqualTo((HttpStatusCode.MethodNotAllowed, HttpStatusCode.Created)));
        Assert.That(post.Headers.Location!.ToString(), Does.StartWith($"{consultant.Base}/{key}/"));
        Assert.That(await _http.GetStringAsync($"{consultant.Base}/{key}"), Is.EqualTo(Document.Replace("pack-1", key["Bundle/".Length..], StringComparison.Ordinal)));
    }

    [Test]
    public async Task A_transaction_gives_ids_rewrites_references_and_answers_entry_by_entry()
    {
        await using var consultant = await SandboxConsultant.StartAsync();

        var response = await TransactAsync(consultant, Referral);

        var places = response["entry"]!.AsArray().Select(e => ((string)e!["response"]!["location"]!).Split("/_history")[0]).ToList();
        var patient = await _http.GetStringAsync($"{consultant.Base}/{places[0]}");
        var order = await _http.GetStringAsync($"{consultant.Base}/{places[1]}");
        var tasks = await _http.JsonAsync(consultant.Base + "/Task?identifier=urn:ietf:rfc:3986|urn:uuid:pack");
        Assert.That((string)response["type"]!, Is.EqualTo("transaction-response"));
        Assert.That(response["entry"]!.AsArray().Select(e => (string)e!["response"]!["status"]!), Has.All.EqualTo("201 Created"));
        Assert.That(patient, Does.Contain($"<a href=\\\"{places[1]}\\\">").Or.Contain($"<a href=\\u0022{places[1]}\\u0022>"));
        Assert.That(order, Does.Contain($"\"subject\":{{\"reference\":\"{places[0]}\"}}").And.Contain("1.00"));
        Assert.That((string)tasks["entry"]![0]!["resource"]!["focus"]!["reference"]!, Is.EqualTo(places[1]));
        Assert.That(consultant.Effects.All.Single().Stored, Is.EqualTo(places));
    }

    [Test]
    public async Task A_transaction_with_one_bad_entry_stores_nothing()
    {
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { RefusedTypes = new HashSet<string> { "ServiceRequest" } });

        using var answer = await _http.PostAsync(consultant.Base, SandboxCalls.Fhir(Referral));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await _http.IdsAsync(consultant.Base + "/Patient"), Is.Empty);
        Assert.That(consultant.Effects.All, Is.Empty);
    }

    [Test]
    public async Task A_server_that_runs_batches_keeps_the_good_entries_and_says_200()
    {
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions
        {
            Transactions = TransactionMode.Batch, RefusedTypes = new HashSet<string> { "ServiceRequest" },
        });

        var response = await TransactAsync(consultant, Referral);

        Assert.That(response["entry"]!.AsArray().Select(e => ((string)e!["response"]!["status"]!)[..3]), Is.EqualTo(new[] { "201", "422", "201" }));
        Assert.That(consultant.Effects.All.Single().Stored, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_reference_to_no_entry_refuses_the_transaction()
    {
        await using var consultant = await SandboxConsultant.StartAsync();

        using var answer = await _http.PostAsync(consultant.Base, SandboxCalls.Fhir(Referral.Replace("\"reference\":\"urn:uuid:0a\"", "\"reference\":\"urn:uuid:0f\"", StringComparison.Ordinal)));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(consultant.Effects.All, Is.Empty);
    }

    [TestCase(2, 1 << 20, 400)]
    [TestCase(100, 300, 413)]
    public async Task Limits_are_kept(int maxEntries, int maxBytes, int status)
    {
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { MaxEntries = maxEntries, MaxBodyBytes = maxBytes });

        using var answer = await _http.PostAsync(consultant.Base, SandboxCalls.Fhir(Referral));

        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    private async Task<JsonNode> TransactAsync(SandboxConsultant consultant, string bundle)
    {
        using var answer = await _http.PostAsync(consultant.Base, SandboxCalls.Fhir(bundle));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
