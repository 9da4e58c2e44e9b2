using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Bundles;
using ReferralService.Ledger;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>What a recipient may answer, and what then becomes of the referral.</summary>
internal sealed class RecipientFaultTests : WalkScene
{
    [Test, Fault("C03")]
    public async Task A_conflict_is_asked_about_and_then_sent_again()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = 409 });
        await using var service = await RunningService.StartAsync(Settings());

        await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east"), "delivered");

        var after = East.Requests.All.SkipWhile(r => r.Status != 409).Skip(1).Select(r => r.Method).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(after.First(), Is.EqualTo("GET"), "asked before it is repeated");
            Assert.That(after.Last(), Is.EqualTo("PUT"));
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [Test, Fault("C04")]
    public async Task An_id_that_is_taken_is_read_back_and_nothing_is_overwritten()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        await using (var before = await RunningService.StartAsync(Settings()))
        {
            await before.UntilAsync(await before.SubmitAsync(order, "east"), "delivered");
        }

        // The restored ledger builds the same version anew, of other bytes; the question before it is answered from an old copy.
        East.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle", Status = 404, Times = 2 });
        await using var restored = await RunningService.StartAsync(Settings());
        var shown = await restored.UntilAsync(await restored.SubmitAsync(order, "east"), "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(East.Requests.All.Count(r => r.Status == 412), Is.EqualTo(1));
            Assert.That(East.Effects.All, Has.Count.EqualTo(1), "nothing was overwritten");
            Assert.That(Detail(shown, "delivered", "noted"), Is.EqualTo("digest-differs"));
        });
    }

    [Test, Fault("C04")]
    public async Task A_package_that_is_there_more_than_once_is_held_with_the_places()
    {
        await using var north = await SandboxConsultant.StartAsync(SandboxConsultantOptions.Of(ConsultantCharacter.IfNoneExist));
        var order = WriteCase(CasePerformer.UrologyEast);
        var package = NameBasedUuid.Create(ReferralId.Create(new Uri(Ehr.Base), order.Split('/')[1], "north").Value, "package/1");
        await PutThereAsync(north, package);
        await PutThereAsync(north, package);
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base)));

        var shown = await service.UntilAsync(await service.SubmitAsync(order, "north"), "held");

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("delivery-unknown"));
            Assert.That(Detail(shown, "held", "locations"), Is.EqualTo(string.Join(' ', north.Effects.All.Select(e => e.Key))));
            Assert.That(north.Effects.All, Has.Count.EqualTo(2), "nothing was added");
        });
    }

    [Test, Fault("C04")]
    public async Task A_package_that_landed_and_was_deleted_there_is_sent_again_on_a_persons_word_only()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Cut = Cut.AfterProcessing });
        East.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle/", Status = 410, Skip = 1, Times = null });
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        var shown = await service.UntilAsync(id, "held");
        var puts = Puts();

        using var retried = await service.Http.PostAsync($"/api/referrals/{id}/retry", null);
        await UntilAsync(() => Puts() > 1);

        Assert.Multiple(() =>
        {
            Assert.That((Code(shown), Detail(shown, "held", "cause")), Is.EqualTo(("delivery-unknown", "found-deleted")));
            Assert.That(Detail(shown, "held", "locations"), Is.EqualTo(East.Effects.All.Single().Key));
            Assert.That(puts, Is.EqualTo(1));
        });

        int Puts() => East.Requests.All.Count(r => r.Method == "PUT");
    }

    [Test, Fault("C05")]
    public async Task A_refused_package_names_the_entries_at_fault_and_nothing_else_of_what_the_recipient_wrote()
    {
        East.Faults.Add(new Fault
        {
            Method = "PUT", Path = "^/Bundle", Status = 422, Times = null,
            Body = """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invariant","diagnostics":"Mr Canary","expression":["Bundle.entry[3].resource.name[0].Canary"]},{"severity":"error","code":"value","expression":["Bundle.entry[11].resource"]}]}""",
        });
        await using var service = await RunningService.StartAsync(Settings());

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east"), "failed");

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("refused"));
            Assert.That(Detail(shown, "failed", "issues"), Is.EqualTo("invariant value"));
            Assert.That(Detail(shown, "failed", "entries"), Is.EqualTo("3 11"));
            Assert.That(shown.GetRawText(), Does.Not.Contain("Canary"));
            Assert.That(East.Requests.All.Count(r => r.Method == "PUT"), Is.EqualTo(1), "no retry");
        });
    }

    [Test, Fault("C06")]
    public async Task A_transaction_run_as_a_batch_is_held_with_what_was_stored_and_never_sent_again()
    {
        await using var north = await SandboxConsultant.StartAsync(
            new SandboxConsultantOptions { StoresBundles = false, Transactions = TransactionMode.Batch, RefusedTypes = new HashSet<string> { "DiagnosticReport" } });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base)));

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north");
        var shown = await service.UntilAsync(id, "held");
        using var retried = await service.Http.PostAsync($"/api/referrals/{id}/retry", null);

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("partly-stored"));
            Assert.That(Detail(shown, "held", "stored"), Is.EqualTo($"{north.Effects.All.Single().Stored.Count}"));
            Assert.That(Detail(shown, "held", "locations").Split(' '), Is.EquivalentTo(north.Effects.All.Single().Stored));
            Assert.That(retried.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(north.Requests.All.Count(r => r.Method == "POST"), Is.EqualTo(1));
        });
    }

    [Test, Fault("C07")]
    public async Task Work_that_was_taken_is_asked_about_where_the_recipient_says_also_after_a_restart()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", StatusAfter = 202, Headers = new Dictionary<string, string> { ["Content-Location"] = $"{East.Base}/$work/7" } });
        East.Faults.Add(new Fault { Method = "GET", Path = @"^/\$work/7", Status = 202, Times = null, RetryAfter = "1" });
        using var ledger = new LedgerFile();
        string id;
        await using (var first = await RunningService.StartAsync(Settings(ledger.Setting)))
        {
            id = await first.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
            await UntilAsync(() => Polls() >= 2);
        }

        var asked = East.Requests.All.Count;
        East.Faults.Clear();
        East.Faults.Add(new Fault
        {
            Method = "GET", Path = @"^/\$work/7", Status = 200,
            Body = """{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"201","location":"Bundle/42/_history/1"}}]}""",
        });
        await using var second = await RunningService.StartAsync(Settings(ledger.Setting));
        var shown = await second.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(Detail(shown, "delivered", "by"), Is.EqualTo("poll"));
            Assert.That(Detail(shown, "delivered", "location"), Is.EqualTo("Bundle/42"));
            Assert.That(Entries(shown).Where(e => e.GetProperty("event").GetString() == "deferred").Select(e => e.GetProperty("errorCode").GetString()).Distinct(), Is.EqualTo(new[] { "recipient-working" }));
            Assert.That(East.Requests.All.Skip(asked).Select(r => r.PathAndQuery), Has.None.StartsWith("/Bundle"));
            Assert.That(shown.GetRawText(), Does.Not.Contain("$work"));
        });

        int Polls() => East.Requests.All.Count(r => r.PathAndQuery.StartsWith("/$work", StringComparison.Ordinal));
    }

    [Test, Fault("C07")]
    public async Task Work_that_nobody_knows_of_any_more_is_asked_about_by_the_package_itself()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", StatusAfter = 202, Headers = new Dictionary<string, string> { ["Content-Location"] = "$work/8" } });
        await using var service = await RunningService.StartAsync(Settings());

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east"), "delivered");

        Assert.That(Detail(shown, "delivered", "by"), Is.EqualTo("probe"));
        Assert.That(East.Effects.All, Has.Count.EqualTo(1));
    }

    [Test, Fault("C08")]
    public async Task A_package_that_is_too_large_is_held_and_not_sent_again()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { MaxBodyBytes = 20_000 });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base)));

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north"), "held");

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("too-large"));
            Assert.That(Detail(shown, "held", "status"), Is.EqualTo("413"));
            Assert.That(north.Requests.All.Count(r => r.Method == "PUT"), Is.EqualTo(1));
        });
    }

    [TestCase(307), TestCase(308), Fault("C11")]
    public async Task A_redirect_is_refused_and_told(int status)
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = status, Times = null, Headers = new Dictionary<string, string> { ["Location"] = $"{West.Base}/Bundle/1" } });
        await using var service = await RunningService.StartAsync(Settings());

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east"), "held");

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("endpoint-wrong"));
            Assert.That(shown.GetProperty("error").GetProperty("message").GetString(), Does.StartWith("The recipient answers with a redirect"));
            Assert.That(Detail(shown, "held", "status"), Is.EqualTo($"{status}"));
            Assert.That(West.Requests.All, Is.Empty);
        });
    }

    [TestCase(true, TestName = "What waits for a recipient that has moved goes nowhere else")]
    [TestCase(false, TestName = "What waits for a recipient that was removed goes nowhere")]
    [Fault("C12")]
    public async Task What_waits_keeps_its_route_and_is_held(bool moved)
    {
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, Times = null });
        using var ledger = new LedgerFile();
        string id;
        await using (var before = await RunningService.StartAsync(Settings(ledger.Setting)))
        {
            id = await before.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
            await UntilAsync(async () => Events(await before.ShowAsync(id)).Contains("deferred"));
        }

        var changed = Settings(ledger.Setting);
        changed.Remove("Recipients:east:BaseUrl");
        changed.Remove("Recipients:east:Matches:0");
        if (moved)
        {
            changed["Recipients:east:BaseUrl"] = West.Base;
            changed.Remove("Recipients:west:BaseUrl");
            changed.Remove("Recipients:west:Matches:0");
        }

        await using var after = await RunningService.StartAsync(changed);
        var shown = await after.UntilAsync(id, "held");

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("endpoint-wrong"));
            Assert.That(West.Requests.All, Is.Empty);
        });
    }

    [Test, Fault("C12")]
    public async Task What_waits_for_a_paused_recipient_that_was_removed_is_held_when_it_is_resumed()
    {
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, Times = null });
        using var ledger = new LedgerFile();
        string id;
        await using (var before = await RunningService.StartAsync(Settings(ledger.Setting)))
        {
            id = await before.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
            await UntilAsync(async () => Events(await before.ShowAsync(id)).Contains("deferred"));
            using var paused = await before.Http.PostAsync("/api/partners/east/pause?kind=recipient", null);
            Assert.That(paused.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        var changed = Settings(ledger.Setting);
        changed.Remove("Recipients:east:BaseUrl");
        changed.Remove("Recipients:east:Matches:0");
        await using var after = await RunningService.StartAsync(changed);
        var partners = await after.Http.GetFromJsonAsync<JsonElement>("/api/partners");
        using var resumed = await after.Http.PostAsync("/api/partners/east/resume?kind=recipient", null);
        var shown = await after.UntilAsync(id, "held");

        Assert.Multiple(() =>
        {
            var east = partners.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("name").GetString() == "east");
            Assert.That((east.GetProperty("paused").GetBoolean(), east.GetProperty("configured").GetBoolean()), Is.EqualTo((true, false)));
            Assert.That(east.GetProperty("oldestWaiting").ValueKind, Is.EqualTo(JsonValueKind.String), "and that something waits for it");
            Assert.That(resumed.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(Code(shown), Is.EqualTo("endpoint-wrong"));
        });
    }

    private static string? Code(JsonElement shown) => shown.GetProperty("error").GetProperty("code").GetString();

    /// <summary>A detail of the last line of an event.</summary>
    private static string Detail(JsonElement shown, string name, string key)
        => Entries(shown).Last(e => e.GetProperty("event").GetString() == name).GetProperty("detail").GetProperty(key).GetString()!;

    private static async Task PutThereAsync(SandboxConsultant consultant, Guid package)
    {
        using var http = new HttpClient();
        using var body = new StringContent(
            $$$"""{"resourceType":"Bundle","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{{{package}}}"},"type":"document"}""", Encoding.UTF8, "application/fhir+json");
        using var answer = await http.PostAsync($"{consultant.Base}/Bundle", body);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    /// <summary>A ledger that outlives the service.</summary>
    private sealed class LedgerFile : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("referral-kept-");

        public (string Key, string Value) Setting => ("Ledger:ConnectionString", $"Data Source={Path.Combine(_folder.FullName, "referrals.db")}");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
