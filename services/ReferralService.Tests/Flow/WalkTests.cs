using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The whole walk over real HTTP: sandbox EHR, the service on SQLite with the in-memory bus, sandbox consultant.</summary>
public sealed class WalkTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private SandboxEhr _ehr = null!;
    private SandboxConsultant _east = null!;
    private SandboxConsultant _west = null!;

    [SetUp]
    public async Task StartPartners()
    {
        _ehr = await SandboxEhr.StartAsync();
        _east = await SandboxConsultant.StartAsync();
        _west = await SandboxConsultant.StartAsync();
    }

    [TearDown]
    public async Task StopPartners()
    {
        await _ehr.DisposeAsync();
        await _east.DisposeAsync();
        await _west.DisposeAsync();
    }

    [TestCase("Document")]
    [TestCase("Collection")]
    [TestCase("Transaction")]
    [TestCase("Auto")]
    public async Task An_order_submitted_arrives_at_the_consultant_once(string form)
    {
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", form)));
        var order = WriteCase(CasePerformer.UrologyEast);

        var id = await service.SubmitAsync(order, "east");
        var shown = await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(_east.Effects.All, Has.Count.EqualTo(1));
            Assert.That(_east.Effects.All[0].Digest, Is.EqualTo(shown.GetProperty("package").GetProperty("digest").GetString()), "what arrived is what was packaged");
            Assert.That(Events(shown), Is.EqualTo(new[] { "received", "gathered", "packaged", "delivered" }));
            Assert.That(Sequences(shown), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        });
    }

    [Test]
    public async Task The_package_shown_is_the_package_sent()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await service.UntilAsync(id, "delivered");

        var package = await service.Http.GetByteArrayAsync($"/api/referrals/{id}/package");

        Assert.That(_east.Bytes(_east.Effects.All.Single().Key)!.Value.ToArray(), Is.EqualTo(package));
    }

    [Test]
    public async Task Three_hundred_resources_arrive_byte_for_byte()
    {
        _ehr.Load(new RecordGenerator(seed: 7, Day).Noise(patients: 2, resourcesEach: 20));
        _ehr.Load(new RecordGenerator(seed: 7, Day).Record(1, new RecordSize(Resources: 300)));
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Collection")));

        var id = await service.SubmitAsync("order-1", "east");
        await service.UntilAsync(id, "delivered");

        var bundle = _east.Bytes(_east.Effects.All.Single().Key)!.Value;
        var entries = JsonDocument.Parse(bundle).RootElement.GetProperty("entry").EnumerateArray().ToList();
        var text = Encoding.UTF8.GetString(bundle.Span);
        Assert.Multiple(() =>
        {
            Assert.That(entries, Has.Count.GreaterThanOrEqualTo(303), "300 results and reports, the order, the patient, the organization");
            foreach (var entry in entries)
            {
                var key = entry.GetProperty("fullUrl").GetString()![(_ehr.Base.Length + 1)..];
                Assert.That(entry.GetProperty("resource").GetRawText(), Is.EqualTo(Encoding.UTF8.GetString(_ehr.Bytes(key)!.Value.Span)), key);
            }

            Assert.That(text, Does.Not.Contain("Bystander"), "no other patient's record");
        });
    }

    [Test]
    public async Task The_same_order_to_another_recipient_is_a_second_referral_and_reaches_that_one()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var order = WriteCase(CasePerformer.UrologyEast);

        var first = await service.SubmitAsync(order, "east");
        await service.UntilAsync(first, "delivered");
        var second = await service.SubmitAsync(order, "west");
        await service.UntilAsync(second, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(second, Is.Not.EqualTo(first));
            Assert.That((_east.Effects.All.Count, _west.Effects.All.Count), Is.EqualTo((1, 1)));
        });
    }

    [Test]
    public async Task The_same_submit_again_is_the_same_referral()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var order = WriteCase(CasePerformer.UrologyEast);

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.SubmitAsync(order, "east")));
        await service.UntilAsync(ids[0], "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(ids.Distinct().Count(), Is.EqualTo(1));
            Assert.That(_east.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [TestCase(true, TestName = "A rest-hook with payload becomes one delivery")]
    [TestCase(false, TestName = "A rest-hook without payload becomes one delivery")]
    public async Task A_hook_becomes_one_delivery(bool payload)
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret"), ("Ehrs:main:PollInterval", "00:00:00")));
        await SubscribeAsync(service, "s3cret", payload);

        WriteCase(CasePerformer.UrologyEast);
        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");

        Assert.That(_east.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_poll_finds_what_no_hook_told()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:PollInterval", "00:00:01")));

        WriteCase(CasePerformer.UrologyEast);
        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");

        Assert.That(_east.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_unknown_performer_is_held_and_goes_on_when_retry_names_a_recipient()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.Unlisted));
        var held = await service.UntilAsync(id, "held");

        using var answer = await service.Http.PostAsJsonAsync($"/api/referrals/{id}/retry", new { recipient = "west" });
        var shown = await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("recipient-unknown"));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(Events(shown), Is.EqualTo(new[] { "received", "held", "retried", "gathered", "packaged", "delivered" }));
            Assert.That(_west.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Two_answers_of_503_and_then_it_arrives_once()
    {
        _east.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, RetryAfter = "1", Times = 2 });
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(_east.Effects.All, Has.Count.EqualTo(1));
            Assert.That(_east.Requests.All.Count(r => r.Status == 503), Is.EqualTo(2));
        });
    }

    [TestCase(true, TestName = "A lost answer to PUT ends in one effect, found by the probe")]
    [TestCase(false, TestName = "A lost answer to POST ends in one effect, found by the probe")]
    public async Task A_response_lost_after_the_commit_is_found_by_the_probe(bool updateCreate)
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = updateCreate });
        north.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Cut = Cut.AfterProcessing });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document")));

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north");
        var shown = await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(north.Effects.All, Has.Count.EqualTo(1), "one effect");
            Assert.That(shown.GetProperty("attempt").GetInt32(), Is.EqualTo(1), "one attempt, then a question");
            Assert.That(Events(shown), Does.Contain("deferred"));
        });
    }

    [Test]
    public async Task A_connection_reset_before_the_effect_is_probed_and_sent_again()
    {
        _east.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Cut = Cut.BeforeProcessing });
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await service.UntilAsync(id, "delivered");

        Assert.That(_east.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_POST_whose_outcome_is_unknown_is_not_repeated_while_it_may_still_be_under_way()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        // It takes seven seconds to store a Bundle; the service stops waiting after four and asks at six.
        north.Faults.Add(new Fault { Method = "POST", Path = "^/Bundle", Delay = TimeSpan.FromSeconds(7), Stubborn = true });
        await using var service = await RunningService.StartAsync(
            Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document"), ("Delivery:AttemptTimeout", "00:00:04")));

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north");
        await service.UntilAsync(id, "delivered");
        await UntilAsync(() => north.Requests.All.Any(r => r.Fault is not null));

        Assert.That(north.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_ledger_that_forgot_finds_at_the_recipient_what_was_posted_before()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        var settings = Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document"));
        var order = WriteCase(CasePerformer.UrologyEast);
        await using (var before = await RunningService.StartAsync(settings))
        {
            await before.UntilAsync(await before.SubmitAsync(order, "north"), "delivered");
        }

        await using var restored = await RunningService.StartAsync(settings);
        await restored.UntilAsync(await restored.SubmitAsync(order, "north"), "delivered");

        Assert.That(north.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_package_that_is_refused_fails_and_is_not_sent_again()
    {
        _east.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 422, Times = null });
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        var shown = await service.UntilAsync(id, "failed");

        Assert.Multiple(() =>
        {
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("refused"));
            Assert.That(_east.Requests.All.Count(r => r.Status == 422), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task An_order_revoked_after_it_was_packaged_is_never_sent()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        // Asked what it can, the recipient takes its time: long enough for the order to be revoked meanwhile.
        _east.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Delay = TimeSpan.FromSeconds(2) });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Document")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => (await service.ShowAsync(id)).GetProperty("state").GetString() == "packaged");

        _ehr.Write(Revoked(order));
        var shown = await service.UntilAsync(id, "cancelled");

        Assert.Multiple(() =>
        {
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("order-revoked"));
            Assert.That(_east.Requests.All.Where(r => r.Method != "GET"), Is.Empty);
        });
    }

    [Test]
    public async Task A_revocation_that_is_hinted_at_ends_a_delivery_that_waits()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        _east.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, RetryAfter = "3600", Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));

        _ehr.Write(Revoked(order));
        using var hinted = await HintAsync(service, order);
        await service.UntilAsync(id, "cancelled");

        Assert.That(_east.Effects.All, Is.Empty);
    }

    [Test]
    public async Task A_preview_shows_the_manifest_and_leaves_no_trace()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var order = WriteCase(CasePerformer.UrologyEast);

        using var answer = await service.Http.PostAsJsonAsync("/api/referrals/preview", new { ehr = "main", serviceRequest = order, recipient = "east" });
        var manifest = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(manifest.GetProperty("included").GetArrayLength(), Is.GreaterThan(20));
        Assert.That(await service.ListAsync(), Is.Empty);
        Assert.That(_east.Effects.All, Is.Empty);
    }

    [Test]
    public async Task An_order_that_is_a_draft_is_held_when_asked_for_and_ignored_when_hinted_at()
    {
        var order = WriteCase(CasePerformer.UrologyEast, text => text.Replace("\"active\"", "\"draft\"", StringComparison.Ordinal));
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret"), ("Ehrs:main:PollInterval", "00:00:00")));

        using var hinted = await HintAsync(service, order);
        await UntilAsync(() => _ehr.Requests.CountOf("GET", "/" + order) > 0);
        var before = (await service.ListAsync()).Count;
        var id = await service.SubmitAsync(order, "east");
        var shown = await service.UntilAsync(id, "held");

        Assert.Multiple(() =>
        {
            Assert.That(hinted.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(before, Is.Zero);
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("not-actionable"));
        });
    }

    private Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = _ehr.Base,
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Recipients:east:BaseUrl"] = _east.Base,
            ["Recipients:east:Matches:0"] = "Organization/uro-east",
            ["Recipients:west:BaseUrl"] = _west.Base,
            ["Recipients:west:Matches:0"] = "Organization/uro-west",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>Loads the young man's record and writes his order; its key.</summary>
    private string WriteCase(CasePerformer performer, Func<string, string>? change = null)
    {
        var story = SecondOpinionCase.Create(seed: 11, Day, performer);
        _ehr.Load(story.Record);
        var order = Encoding.UTF8.GetString(story.Order.Utf8.Span);
        return _ehr.Write(change is null ? order : change(order));
    }

    private async Task SubscribeAsync(RunningService service, string secret, bool payload)
    {
        using var http = new HttpClient();
        var hook = new Dictionary<string, object>
        {
            ["type"] = "rest-hook", ["endpoint"] = $"{service.Http.BaseAddress}fhir/notify/main", ["header"] = new[] { $"Authorization: Bearer {secret}" },
        };
        if (payload)
        {
            hook["payload"] = "application/fhir+json";
        }

        using var content = JsonContent.Create(
            new { resourceType = "Subscription", status = "requested", reason = "referrals", criteria = "ServiceRequest?status=active", channel = hook },
            new System.Net.Http.Headers.MediaTypeHeaderValue("application/fhir+json"));
        using var answer = await http.PostAsync($"{_ehr.Base}/Subscription", content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    private string Revoked(string order) => Encoding.UTF8.GetString(_ehr.Bytes(order)!.Value.Span).Replace("\"active\"", "\"revoked\"", StringComparison.Ordinal);

    /// <summary>Posts the order as it now is to the hook, as a vendor would.</summary>
    private async Task<HttpResponseMessage> HintAsync(RunningService service, string order)
    {
        using var hint = new HttpRequestMessage(HttpMethod.Post, "/fhir/notify/main") { Headers = { { "Authorization", "Bearer s3cret" } } };
        hint.Content = new ByteArrayContent(_ehr.Bytes(order)!.Value.ToArray()) { Headers = { { "Content-Type", "application/fhir+json" } } };
        return await service.Http.SendAsync(hint);
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ceiling.Token);
        }
    }

    private static IEnumerable<string?> Events(JsonElement shown) => Entries(shown).Select(e => e.GetProperty("event").GetString());

    private static IEnumerable<int> Sequences(JsonElement shown) => Entries(shown).Select(e => e.GetProperty("sequence").GetInt32());

    private static IEnumerable<JsonElement> Entries(JsonElement shown)
        => shown.GetProperty("timeline").EnumerateArray().Where(e => e.TryGetProperty("sequence", out var s) && s.ValueKind == JsonValueKind.Number);
}
