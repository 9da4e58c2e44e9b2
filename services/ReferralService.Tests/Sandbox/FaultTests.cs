using System.Net;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;

namespace ReferralService.Tests.Sandbox;

public sealed class FaultTests
{
    private const string Document = """{"resourceType":"Bundle","id":"pack-1","type":"collection"}""";
    private readonly HttpClient _http = new();
    private SandboxConsultant _consultant = null!;

    [SetUp]
    public async Task StartAsync() => _consultant = await SandboxConsultant.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _consultant.DisposeAsync();

    [OneTimeTearDown]
    public void Close() => _http.Dispose();

    [Test]
    public async Task A_status_strikes_the_requests_it_names_as_often_as_it_says()
    {
        _consultant.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle/", Status = 503, RetryAfter = "7", Times = 2, Skip = 1 });

        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var answer = await PutAsync();
            statuses.Add((int)answer.StatusCode);
            if (i == 1) Assert.That(answer.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(7)));
        }

        Assert.That(statuses, Is.EqualTo(new[] { 201, 503, 503, 200 }));
    }

    [Test]
    public async Task A_response_lost_after_commit_has_its_effect()
    {
        _consultant.Faults.Add(new Fault { Method = "PUT", Cut = Cut.AfterProcessing });

        Assert.ThrowsAsync<HttpRequestException>(PutAsync);

        using var read = await _http.GetAsync(_consultant.Base + "/Bundle/pack-1");
        Assert.That(read.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_consultant.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_connection_cut_before_processing_has_none()
    {
        _consultant.Faults.Add(new Fault { Method = "PUT", Cut = Cut.BeforeProcessing });

        Assert.ThrowsAsync<HttpRequestException>(PutAsync);

        using var read = await _http.GetAsync(_consultant.Base + "/Bundle/pack-1");
        Assert.That(read.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(_consultant.Effects.All, Is.Empty);
    }

    [Test]
    public async Task A_truncated_body_ends_before_its_announced_length()
    {
        (await PutAsync()).Dispose();
        _consultant.Faults.Add(new Fault { Path = "^/Bundle/", TruncateAfter = 10 });

        using var answer = await _http.GetAsync(_consultant.Base + "/Bundle/pack-1", HttpCompletionOption.ResponseHeadersRead);

        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(Document.Length));
        Assert.That(async () => await answer.Content.ReadAsByteArrayAsync(), Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task A_stalled_body_stops_and_the_connection_stays_open()
    {
        (await PutAsync()).Dispose();
        _consultant.Faults.Add(new Fault { Path = "^/Bundle/", StallAfter = 10 });

        using var answer = await _http.GetAsync(_consultant.Base + "/Bundle/pack-1", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        await body.ReadExactlyAsync(buffer.AsMemory(0, 10));
        var eleventh = body.ReadAsync(buffer).AsTask();
        using var marker = await _http.GetAsync(_consultant.Base + "/metadata");

        Assert.That(eleventh.IsCompleted, Is.False);
    }

    [Test]
    public async Task Body_and_content_type_can_be_others_than_the_servers()
    {
        _consultant.Faults.Add(new Fault { Path = "^/metadata", Body = "<html>", ContentType = "text/html" });

        using var answer = await _http.GetAsync(_consultant.Base + "/metadata");

        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("<html>"));
    }

    [Test]
    public async Task The_request_log_tells_which_fault_struck()
    {
        _consultant.Faults.Add(new Fault { Cut = Cut.BeforeProcessing });

        Assert.ThrowsAsync<HttpRequestException>(PutAsync);
        (await PutAsync()).Dispose();

        Assert.That(_consultant.Requests.All.Select(r => r.ToString()), Is.EqualTo(new[] { "PUT /Bundle/pack-1 → reset", "PUT /Bundle/pack-1 → 201" }));
        Assert.That(_consultant.Requests.All.Select(r => r.Fault), Is.EqualTo(new[] { "cut BeforeProcessing", null }));
    }

    private async Task<HttpResponseMessage> PutAsync()
    {
        using var body = SandboxCalls.Fhir(Document);
        return await _http.PutAsync(_consultant.Base + "/Bundle/pack-1", body);
    }
}
