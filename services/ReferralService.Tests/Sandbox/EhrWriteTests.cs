using System.Net;
using System.Text.Json.Nodes;
using ReferralService.Sandbox.Ehr;

namespace ReferralService.Tests.Sandbox;

public sealed class EhrWriteTests
{
    private readonly HttpClient _http = new();
    private SandboxEhr _ehr = null!;

    [SetUp]
    public async Task StartAsync() => _ehr = await SandboxEhr.StartAsync(new SandboxEhrOptions { BearerToken = "open" });

    [TearDown]
    public async Task StopAsync() => await _ehr.DisposeAsync();

    [OneTimeSetUp]
    public void Authorize() => _http.DefaultRequestHeaders.Authorization = new("Bearer", "open");

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task An_update_makes_the_next_version_and_keeps_every_other_byte()
    {
        _ehr.Load(SandboxPeople.Patient("p1"));
        var changed = SandboxPeople.Patient("p1").Replace("1994-05-01", "1994-06-01", StringComparison.Ordinal);

        using var answer = await _http.PutAsync(_ehr.Base + "/Patient/p1", SandboxCalls.Fhir(changed));

        var stored = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.Headers.ETag!.ToString(), Is.EqualTo("W/\"4\""));
        Assert.That(stored, Does.Contain("\"versionId\":\"4\""));
        Assert.That(stored, Does.EndWith(changed[changed.IndexOf("\"birthDate\"", StringComparison.Ordinal)..]));
    }

    [Test]
    public async Task A_create_gets_an_id_a_version_and_a_location()
    {
        using var answer = await _http.PostAsync(_ehr.Base + "/ServiceRequest", SandboxCalls.Fhir(SandboxPeople.Order("mine")));

        var id = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(id, Is.Not.EqualTo("mine"));
        Assert.That(answer.Headers.Location!.ToString(), Is.EqualTo($"{_ehr.Base}/ServiceRequest/{id}/_history/1"));
    }

    [Test]
    public async Task What_was_deleted_is_gone_and_found_no_more()
    {
        _ehr.Load(SandboxPeople.Patient("p1"));

        using var deleted = await _http.DeleteAsync(_ehr.Base + "/Patient/p1");

        using var answer = await _http.GetAsync(_ehr.Base + "/Patient/p1");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That(await _http.IdsAsync(_ehr.Base + "/Patient"), Is.Empty);
    }

    [TestCase("/Patient/nobody", 404)]
    [TestCase("/Nonsense/1", 404)]
    [TestCase("/Patient?birthdate=soon", 400)]
    public async Task What_cannot_be_served_is_an_OperationOutcome(string path, int status)
    {
        using var answer = await _http.GetAsync(_ehr.Base + path);

        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        Assert.That((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["resourceType"]!, Is.EqualTo("OperationOutcome"));
    }

    [Test]
    public async Task Without_the_token_only_the_metadata_is_served()
    {
        using var stranger = new HttpClient();

        using var read = await stranger.GetAsync(_ehr.Base + "/Patient/p1");
        using var metadata = await stranger.GetAsync(_ehr.Base + "/metadata");

        Assert.That((read.StatusCode, metadata.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.OK)));
    }

    [Test]
    public async Task A_Binary_is_its_content_unless_FHIR_is_asked_for()
    {
        _ehr.Load("""{"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"aGVsbG8="}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, _ehr.Base + "/Binary/b1");
        request.Headers.Accept.ParseAdd("application/fhir+json");

        using var raw = await _http.GetAsync(_ehr.Base + "/Binary/b1");
        using var fhir = await _http.SendAsync(request);

        Assert.That(await raw.Content.ReadAsStringAsync(), Is.EqualTo("hello"));
        Assert.That(await fhir.Content.ReadAsStringAsync(), Does.StartWith("{\"resourceType\":\"Binary\""));
    }
}
