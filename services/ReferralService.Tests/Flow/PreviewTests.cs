using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Contracts;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A preview of what goes to a recipient that decides the form by its /metadata: it shows what would be sent, or says why nothing would be.</summary>
internal sealed class PreviewTests : WalkScene
{
    [TestCase(404, HttpStatusCode.Conflict, "recipient-incapable")]
    [TestCase(401, HttpStatusCode.Conflict, "auth-refused")]
    [TestCase(503, HttpStatusCode.ServiceUnavailable, "recipient-busy")]
    public async Task A_recipient_that_does_not_tell_what_it_takes_is_named_and_nothing_shown(int status, HttpStatusCode expected, string code)
    {
        East.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Status = status, Times = null });
        await using var clock = new TickingClock(times: 20);
        await using var service = await RunningService.StartAsync(Settings(), clock.Time);

        using var answer = await PreviewAsync(service, WriteCase(CasePerformer.UrologyEast));

        Assert.That(answer.StatusCode, Is.EqualTo(expected));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString(), Is.EqualTo(code));
    }

    [TestCase("GET")]
    [TestCase("HEAD")]
    public async Task A_preview_is_asked_for_by_POST_alone(string method)
    {
        await using var service = await RunningService.StartAsync(Settings());

        using var answer = await service.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/api/referrals/preview"));

        Assert.That((answer.StatusCode, string.Join(',', answer.Content.Headers.Allow)), Is.EqualTo((HttpStatusCode.MethodNotAllowed, "POST")));
    }

    [Test]
    public async Task A_slow_recipient_is_waited_for_and_what_would_be_sent_is_shown()
    {
        await using var transacts = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false, Transactions = TransactionMode.Atomic });
        // Five seconds of the service's, where a step waits for one and the question ends after fifteen.
        transacts.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Delay = TimeSpan.FromSeconds(1) });
        await using var clock = new TickingClock(times: 5);
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:BaseUrl", transacts.Base)), clock.Time);
        var order = WriteCase(CasePerformer.UrologyEast);

        using var asked = await PreviewAsync(service, order);
        using var known = await PreviewAsync(service, order);

        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await UrlsAsync(asked), Is.EqualTo(await UrlsAsync(known)).And.Not.Empty);
        Assert.That(transacts.Requests.CountOf("GET", "/metadata"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_preview_shows_as_a_gap_the_file_that_does_not_come()
    {
        await using var clock = new TickingClock(times: 20);

        // Port 1: nobody listens.
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:AttachmentOrigins:0", "http://127.0.0.1:1")), clock.Time);
        var order = WriteCase(CasePerformer.UrologyEast);
        Ehr.Write($$"""
            {"resourceType":"DocumentReference","id":"scan","status":"current","subject":{{SubjectOf(order)}},"content":[{"attachment":{"contentType":"application/pdf","url":"http://127.0.0.1:1/scan"} }]}
            """);

        using var answer = await PreviewAsync(service, order);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var gaps = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("omitted").EnumerateArray().Select(g => g.GetRawText());
        Assert.That(gaps, Has.One.Contains("http://127.0.0.1:1/scan").And.One.Contains("\"unreachable\""));
    }

    [Test]
    public async Task A_preview_waits_for_what_no_record_goes_without([Values(false, true)] bool breaksOff)
    {
        Ehr.Faults.Add(breaksOff
            ? new Fault { Path = "^/Observation", Body = "{\"resourceType\":\"Bundle\",", Times = null }
            : new Fault { Path = "^/Observation", Status = 500, Times = null });
        await using var clock = new TickingClock(times: 20);
        await using var service = await RunningService.StartAsync(Settings(), clock.Time);

        using var answer = await PreviewAsync(service, WriteCase(CasePerformer.UrologyEast));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString(), Is.EqualTo("ehr-error"));
    }

    [Test]
    public async Task A_preview_is_the_manifest_that_is_sent_afterwards_and_leaves_nothing_behind()
    {
        // Searches are told with their day ("date=ge…"): between the two no midnight may come.
        await using var clock = new TickingClock();
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Auto")), clock.Time);
        var order = WriteCase(CasePerformer.UrologyEast);
        var before = await TablesAsync(service);

        using var answer = await PreviewAsync(service, order);
        var preview = await answer.Content.ReadAsStringAsync();
        var after = await TablesAsync(service);
        var (atEhr, atEast) = (Ehr.Requests.All.Select(r => r.Method).Distinct().ToList(), East.Requests.All.Select(r => $"{r.Method} {r.PathAndQuery}").ToList());
        var id = await service.SubmitAsync(order, "east");
        await service.UntilAsync(id, "delivered");
        var sent = await service.Http.GetStringAsync($"/api/referrals/{id}/manifest");

        using var schema = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(ContractFiles.Schemas, "manifest.json")));
        Assert.Multiple(() =>
        {
            Assert.That(preview, Is.EqualTo(sent), "what was shown is what went");
            Assert.That(SchemaChecker.Check(schema.RootElement, JsonDocument.Parse(preview).RootElement), Is.Empty);
            Assert.That(JsonDocument.Parse(preview).RootElement.EnumerateObject().Select(p => p.Name), Is.EquivalentTo(schema.RootElement.GetProperty("properties").EnumerateObject().Select(p => p.Name)));
            Assert.That(after, Is.EqualTo(before.Select(table => table == "ops_action 0" ? "ops_action 1" : table)), "the ledger has who looked, and nothing else");
            Assert.That(atEhr, Is.EqualTo(new[] { "GET" }), "the EHR was asked and told nothing");
            Assert.That(atEast, Is.EqualTo(new[] { "GET /metadata" }), "the recipient was asked what it takes");
        });
    }

    /// <summary>How many rows each table has, but for what is remembered of partners and of sweeps, which go on meanwhile.</summary>
    private static async Task<List<string>> TablesAsync(RunningService service)
    {
        var ledger = service.Services.GetRequiredService<LedgerDatabase>();
        var names = await ledger.ReadAsync(
            s => s.ReadRowsAsync("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'partner%' AND name NOT IN ('sweep', 'probe')", new Values(), r => r.GetString(0), CancellationToken.None), CancellationToken.None);
        Assert.That(names, Is.SupersetOf(new[] { "referral", "timeline", "notice", "outbox", "package_part", "package_chunk", "disclosure" }));
        var rows = new List<string>();
        foreach (var name in names) rows.Add($"{name} {await ledger.ReadAsync(s => s.ScalarAsync($"SELECT count(*) FROM {name}", new Values(), CancellationToken.None), CancellationToken.None)}");
        return rows;
    }

    private string SubjectOf(string order) => JsonDocument.Parse(Ehr.Bytes(order)!.Value).RootElement.GetProperty("subject").GetRawText();

    private static Task<HttpResponseMessage> PreviewAsync(RunningService service, string order)
        => service.Http.PostAsJsonAsync("/api/referrals/preview", new { ehr = "main", serviceRequest = order, recipient = "east" });

    private static async Task<List<string?>> UrlsAsync(HttpResponseMessage answer)
        => [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("included").EnumerateArray().Select(i => i.GetProperty("fullUrl").GetString())];
}
