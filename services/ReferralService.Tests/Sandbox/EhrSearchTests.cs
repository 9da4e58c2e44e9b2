using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Tests.Sandbox;

public sealed class EhrSearchTests
{
    private readonly HttpClient _http = new();
    private SandboxEhr _ehr = null!;

    [SetUp]
    public async Task StartAsync() => _ehr = await SandboxEhr.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _ehr.DisposeAsync();

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task A_loaded_resource_is_served_byte_for_byte()
    {
        _ehr.Load(SandboxPeople.Patient("p1"));

        using var answer = await _http.GetAsync(_ehr.Base + "/Patient/p1");

        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(Encoding.UTF8.GetBytes(SandboxPeople.Patient("p1"))));
        Assert.That(answer.Headers.ETag!.ToString(), Is.EqualTo("W/\"3\""));
    }

    [Test]
    public async Task A_resource_in_a_search_page_has_the_bytes_it_was_loaded_with()
    {
        _ehr.Load(SandboxPeople.Patient("p1"));

        var page = await _http.GetStringAsync(_ehr.Base + "/Patient?_id=p1");

        Assert.That(page, Does.Contain("\"resource\":" + SandboxPeople.Patient("p1")));
    }

    [Test]
    public async Task Pages_give_every_match_once_and_the_next_link_says_nothing_of_the_query()
    {
        for (var i = 0; i < 25; i++) _ehr.Load(SandboxPeople.Observation($"o{i}", "p1", "2026-01-01"));
        _ehr.Load(SandboxPeople.Observation("other", "p2", "2026-01-01"));

        var first = await _http.JsonAsync(_ehr.Base + "/Observation?patient=p1&_count=10");
        var ids = await _http.IdsAsync(_ehr.Base + "/Observation?patient=p1&_count=10");

        Assert.That(ids, Is.EquivalentTo(Enumerable.Range(0, 25).Select(i => $"o{i}")));
        Assert.That(first.Link("next"), Does.Not.Contain("patient"));
        Assert.That((int)first["total"]!, Is.EqualTo(25));
    }

    [Test]
    public async Task A_page_whose_state_was_forgotten_is_gone()
    {
        for (var i = 0; i < 3; i++) _ehr.Load(SandboxPeople.Observation($"o{i}", "p1", "2026-01-01"));
        var next = (await _http.JsonAsync(_ehr.Base + "/Observation?_count=1")).Link("next");

        _ehr.ForgetPages();

        using var answer = await _http.GetAsync(next);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Gone));
    }

    [Test]
    public async Task The_self_link_tells_only_the_parameters_understood()
    {
        var page = await _http.JsonAsync(_ehr.Base + "/Observation?patient=Patient/p1&nonsense=1&date=ge2025-01-01");

        Assert.That(page.Link("self"), Is.EqualTo(_ehr.Base + "/Observation?patient=Patient%2Fp1&date=ge2025-01-01"));
    }

    [Test]
    public async Task An_unknown_parameter_is_refused_when_handling_is_strict()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _ehr.Base + "/Observation?nonsense=1");
        request.Headers.Add("Prefer", "handling=strict");

        using var answer = await _http.SendAsync(request);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("date=ge2025-03-01&date=lt2025-04-01", "march")]
    [TestCase("date=2025-04", "april")]
    [TestCase("date=gt2025-03-31", "april")]
    [TestCase("date:missing=true", "undated")]
    [TestCase("category=vital-signs", "april")]
    [TestCase("category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory&date:missing=false", "march")]
    [TestCase("_lastUpdated=ge2026-02-01T00:00:00.000Z&_lastUpdated=le2026-02-01T00:00:00.000Z", "april")]
    [TestCase("_lastUpdated=lt2026-02-01T00:00:00.000Z", "march,undated")]
    [TestCase("_id=march,april&_sort=-_lastUpdated", "april,march")]
    [TestCase("subject:Patient=p1&code=http://loinc.org|1834-1&_sort=_lastUpdated", "march,undated,april")]
    public async Task A_search_finds_what_its_parameters_say(string query, string expected)
    {
        _ehr.Load(SandboxPeople.Observation("march", "p1", "2025-03-15T10:00:00+02:00"));
        _ehr.Load(SandboxPeople.Observation("undated", "p1", "").Replace("\"effectiveDateTime\":\"\",", "", StringComparison.Ordinal));
        _ehr.Load(SandboxPeople.Observation("april", "p1", "2025-04", "vital-signs", "2026-02-01T00:00:00.000Z"));

        var ids = await _http.IdsAsync(_ehr.Base + "/Observation?" + query);

        Assert.That(string.Join(',', ids), Is.EqualTo(expected));
    }

    [Test]
    public async Task Elements_asked_for_come_alone_and_marked_as_a_subset()
    {
        _ehr.Load(SandboxPeople.Observation("o1", "p1", "2025-03-15"));

        var page = await _http.JsonAsync(_ehr.Base + "/Observation?_elements=subject");

        var resource = page["entry"]![0]!["resource"]!.AsObject();
        Assert.That(resource.Select(m => m.Key), Is.EqualTo(new[] { "resourceType", "id", "meta", "subject" }));
        Assert.That((string)resource["meta"]!["tag"]![0]!["code"]!, Is.EqualTo("SUBSETTED"));
        Assert.That(page.Link("self"), Does.EndWith("?_elements=subject"));
    }

    [Test]
    public async Task A_posted_search_answers_as_the_same_GET()
    {
        _ehr.Load(SandboxPeople.Observation("o1", "p1", "2025-03-15"));
        using var form = new FormUrlEncodedContent([new("patient", "p1"), new("date", "ge2025-01-01")]);

        using var answer = await _http.PostAsync(_ehr.Base + "/Observation/_search", form);

        var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.That((string)page["entry"]![0]!["resource"]!["id"]!, Is.EqualTo("o1"));
    }

    [Test]
    public async Task In_US_Core_style_observations_are_not_given_by_patient_alone_and_date_is_not_a_parameter()
    {
        await using var ehr = await SandboxEhr.StartAsync(new SandboxEhrOptions { Search = new SearchHabits(NeedsCategoryOrCode: true, DateSearch: DateSearch.Ignored) });
        ehr.Load(SandboxPeople.Observation("old", "p1", "1999-01-01"));

        using var alone = await _http.GetAsync(ehr.Base + "/Observation?patient=p1");
        var page = await _http.JsonAsync(ehr.Base + "/Observation?patient=p1&category=laboratory&date=ge2025-01-01");
        var metadata = await _http.JsonAsync(ehr.Base + "/metadata");

        Assert.That(alone.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(page.Link("self"), Does.Not.Contain("date"));
        Assert.That((int)page["total"]!, Is.EqualTo(1), "the filter was ignored, and the self link says so");
        var observation = metadata["rest"]![0]!["resource"]!.AsArray().Single(r => (string)r!["type"]! == "Observation")!;
        Assert.That(observation["searchParam"]!.AsArray().Select(p => (string)p!["name"]!), Does.Not.Contain("date").And.Contain("category"));
    }
}
