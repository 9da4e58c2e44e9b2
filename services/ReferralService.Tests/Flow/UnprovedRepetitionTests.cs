using System.Text.Json;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>An attempt may have landed and nothing proves it yet: what is asked, and what may and what may not be sent meanwhile.</summary>
internal sealed class UnprovedRepetitionTests : WalkScene
{
    [Test, Fault("C01")]
    public async Task What_was_cancelled_is_not_sent_again_because_that_would_be_harmless()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Cut = Cut.BeforeProcessing });
        East.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle", Status = 403, Times = null });
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));

        using var cancelled = await service.Http.PostAsync($"/api/referrals/{id}/cancel", null);
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Last() is "held" or "delivered");
        var shown = await service.ShowAsync(id);

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("delivery-unknown"));
            Assert.That(East.Requests.All.Count(r => r.Method == "PUT"), Is.EqualTo(1));
        });
    }

    [Test, Fault("C01")]
    public async Task What_is_cancelled_while_the_recipient_is_asked_is_not_sent_again()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Cut = Cut.BeforeProcessing });
        await using var service = await RunningService.StartAsync(Settings(("Delivery:AttemptTimeout", "00:00:01")));
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));
        var order = Ehr.Requests.All.Count;
        Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/ServiceRequest", Delay = TimeSpan.FromSeconds(1.5) });
        var asked = East.Requests.All.Count;
        await UntilAsync(() => East.Requests.All.Count > asked);

        using var cancelled = await service.Http.PostAsync($"/api/referrals/{id}/cancel", null);
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Last() is "cancelled" or "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(Ehr.Requests.All, Has.Count.GreaterThan(order), "the cancel came while the order was read again");
            Assert.That(East.Requests.All.Count(r => r.Method == "PUT"), Is.EqualTo(1));
            Assert.That(East.Effects.All, Is.Empty);
        });
    }

    [Test, Fault("E03")]
    public async Task An_order_that_is_gone_after_an_attempt_without_effect_is_held_for_that()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Cut = Cut.BeforeProcessing });
        await using var service = await RunningService.StartAsync(Settings(("Delivery:AttemptTimeout", "00:00:01")));
        var order = WriteCase(CasePerformer.UrologyEast);
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));

        Ehr.Delete("ServiceRequest", order.Split('/')[1]);
        var shown = await service.UntilAsync(id, "held");

        Assert.That(Code(shown), Is.EqualTo("order-gone"), "it was asked, and does not have it");
        Assert.That(East.Effects.All, Is.Empty);
    }

    [Test, Fault("C01")]
    public async Task That_a_repetition_was_not_taken_proves_nothing_of_the_attempt_before_it()
    {
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Cut = Cut.AfterProcessing });
        East.Faults.Add(new Fault { Method = "PUT", Path = "^/Bundle", Status = 503, Times = null });
        East.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle", Status = 403, Times = null });
        await using var service = await RunningService.StartAsync(Settings());
        var order = WriteCase(CasePerformer.UrologyEast);
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => Entries(await service.ShowAsync(id)).Any(e => e.GetProperty("errorCode").GetString() == "recipient-busy"));

        Ehr.Write(Ehr.Bytes(order)!.Value);
        East.Faults.Clear();
        East.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle", Status = 403, Times = null });
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Last() is "held" or "delivered");
        var shown = await service.ShowAsync(id);

        Assert.Multiple(() =>
        {
            Assert.That(East.Effects.All, Has.Count.EqualTo(1), "no second package beside one that has landed");
            Assert.That(Code(shown), Is.EqualTo("delivery-unknown"));
        });
    }

    [Test, Fault("C07")]
    public async Task Work_that_was_taken_is_not_sent_again_because_the_place_to_ask_is_out_of_order()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        north.Faults.Add(new Fault { Method = "POST", Path = "^/Bundle", Status = 202, Headers = new Dictionary<string, string> { ["Content-Location"] = "$work/9" } });
        north.Faults.Add(new Fault { Method = "GET", Path = @"^/\$work/9", Status = 502, Times = null });
        await using var service = await RunningService.StartAsync(
            Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document"), ("Delivery:AttemptTimeout", "00:00:01")));

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north");
        await UntilAsync(async () => Entries(await service.ShowAsync(id)).Count(e => e.GetProperty("errorCode").GetString() == "recipient-unreachable") >= 2 || Posts() > 1);
        north.Faults.Clear();
        north.Faults.Add(new Fault
        {
            Method = "GET", Path = @"^/\$work/9", Status = 200,
            Body = """{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"201","location":"Bundle/42/_history/1"}}]}""",
        });
        await service.UntilAsync(id, "delivered");

        Assert.That(Posts(), Is.EqualTo(1));

        int Posts() => north.Requests.All.Count(r => r.Method == "POST");
    }

    [Test, Fault("C07")]
    public async Task Work_that_was_taken_without_a_place_to_ask_is_waited_for_and_not_sent_again()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        north.Faults.Add(new Fault { Method = "POST", Path = "^/Bundle", Status = 202 });
        await using var service = await RunningService.StartAsync(
            Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document"), ("Delivery:AttemptTimeout", "00:00:01")));

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north");
        await UntilAsync(async () => Entries(await service.ShowAsync(id)).Count(e => e.GetProperty("event").GetString() == "deferred") >= 4 || Posts() > 1);

        Assert.That(Posts(), Is.EqualTo(1));

        int Posts() => north.Requests.All.Count(r => r.Method == "POST");
    }

    [Test, Fault("C06")]
    public async Task A_transaction_that_may_still_be_under_way_is_not_called_stored_in_part()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false });
        north.Faults.Add(new Fault { Method = "POST", Cut = Cut.AfterProcessing });
        // The first time one is asked for, it is not there yet.
        north.Faults.Add(new Fault { Method = "GET", Path = "^/Observation/", Status = 404 });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base), ("Delivery:AttemptTimeout", "00:00:03")));

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Last() is "held" or "delivered");

        Assert.That(Events(await service.ShowAsync(id)).Last(), Is.EqualTo("delivered"));
    }

    [Test, Fault("C06")]
    public async Task A_batch_whose_answer_was_lost_is_not_called_delivered_because_its_Task_is_there()
    {
        await using var north = await SandboxConsultant.StartAsync(
            new SandboxConsultantOptions { StoresBundles = false, Transactions = TransactionMode.Batch, RefusedTypes = new HashSet<string> { "DiagnosticReport" } });
        north.Faults.Add(new Fault { Method = "POST", Cut = Cut.AfterProcessing });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base), ("Delivery:AttemptTimeout", "00:00:01")));

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north"), "held");

        Assert.Multiple(() =>
        {
            Assert.That(Code(shown), Is.EqualTo("partly-stored"));
            Assert.That(Detail(shown, "held", "locations").Split(' '), Is.SubsetOf(north.Effects.All.Single().Stored));
            Assert.That(north.Requests.All.Count(r => r.Method == "POST"), Is.EqualTo(1));
        });
    }

    [Test, Fault("C06")]
    public async Task A_whole_transaction_whose_answer_was_lost_is_delivered_when_every_entry_was_seen()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false });
        north.Faults.Add(new Fault { Method = "POST", Cut = Cut.AfterProcessing });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base)));

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north"), "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(Detail(shown, "delivered", "by"), Is.EqualTo("probe"));
            Assert.That(north.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [Test, Fault("C06")]
    public async Task A_transaction_of_which_something_may_not_be_read_is_a_persons_to_settle()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false });
        north.Faults.Add(new Fault { Method = "POST", Cut = Cut.AfterProcessing });
        north.Faults.Add(new Fault { Method = "GET", Path = "^/Observation/", Status = 403, Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base)));

        var shown = await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "north"), "held");

        Assert.That(Code(shown), Is.EqualTo("delivery-unknown"));
        Assert.That(Detail(shown, "held", "cause"), Is.EqualTo("parts-unproved"));
    }

    private static string? Code(JsonElement shown) => shown.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? error.GetProperty("code").GetString() : null;

    /// <summary>A detail of the last line of an event.</summary>
    private static string Detail(JsonElement shown, string name, string key)
        => Entries(shown).Last(e => e.GetProperty("event").GetString() == name).GetProperty("detail").GetProperty(key).GetString()!;
}
