using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Ops.Bulk;
using ReferralService.Tests.Ops.Pages;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>Acts on many, from the preview to the last outcome, over the API and by the pages' forms.</summary>
internal sealed class BulkTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private OpsHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await PagesBench.StartAsync();

    [TearDown]
    public async Task End() => await _host.DisposeAsync();

    [Test]
    public async Task A_preview_counts_by_the_rules_that_act_and_changes_nothing()
    {
        var held = await HeldAsync("1");
        var delivered = await DeliveredAsync("2");
        var cancelled = await CancelledAsync("3");

        var (status, preview) = await PostAsync("/api/bulk", $$"""{"action":"retry","ids":["{{held}}","{{delivered}}","{{cancelled}}"]}""");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(preview.Text("state"), Is.EqualTo("previewed"));
            Assert.That(preview.GetProperty("total").GetInt32(), Is.EqualTo(3));
            Assert.That(preview.GetProperty("preview").GetRawText(), Is.EqualTo("""{"willDo":1,"recipients":{"urology-east":1},"skipped":{"already-cancelled":1,"already-delivered":1}}"""));
        });
        Assert.That((await _host.Ledger.Referrals.FindAsync(held, None))!.State, Is.EqualTo(ReferralState.Held));
    }

    [Test]
    public async Task What_was_previewed_is_done_once_to_each_and_is_in_the_record()
    {
        var held = await HeldAsync("1");
        var delivered = await DeliveredAsync("2");
        var (_, preview) = await PostAsync("/api/bulk", $$"""{"action":"retry","ids":["{{held}}","{{delivered}}"]}""");
        var token = preview.Text("token");

        await Task.WhenAll(PostAsync($"/api/bulk/{token}/run", null), PostAsync($"/api/bulk/{token}/run", null));
        var done = await UntilAsync(token!, "done");

        Assert.That(done.GetProperty("outcomes").GetRawText(), Is.EqualTo("""{"already-delivered":1,"done":1}"""));
        Assert.That((await _host.Ledger.Referrals.TimelineAsync(held, None)).Count(line => line.Event == "retried"), Is.EqualTo(1));
        var acts = await _host.Ledger.Actions.ListAsync(new(), None);
        Assert.That(acts.Select(act => $"{act.Action} {act.Outcome}"), Is.EquivalentTo(new[] { "bulk-retry done", "retry done", "retry already-delivered" }), "the double click is one act");
        Assert.That(acts.Select(act => act.Bulk), Is.All.EqualTo(Guid.Parse(token!)));
    }

    [Test]
    public async Task The_list_is_frozen_when_it_is_previewed()
    {
        await HeldAsync("1");
        var (_, preview) = await PostAsync("/api/bulk", """{"action":"cancel","filter":{"state":"held"}}""");
        var later = await HeldAsync("2");

        await PostAsync($"/api/bulk/{preview.Text("token")}/run", null);
        var done = await UntilAsync(preview.Text("token")!, "done");

        Assert.That(done.GetProperty("outcomes").GetRawText(), Is.EqualTo("""{"done":1}"""));
        Assert.That((await _host.Ledger.Referrals.FindAsync(later, None))!.State, Is.EqualTo(ReferralState.Held), "what came to match later was not meant");
    }

    [Test]
    public async Task A_problem_s_members_are_meant_by_its_key()
    {
        await HeldAsync("1");
        await HeldAsync("2", "endpoint-wrong");

        var (_, preview) = await PostAsync("/api/bulk", """{"action":"retry","problem":{"partner":"recipient:urology-east","code":"endpoint-wrong","issue":""}}""");

        Assert.That(preview.GetProperty("total").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_called_off_before_its_turn_stays_as_it_was()
    {
        var held = await HeldAsync("1");
        var (_, preview) = await PostAsync("/api/bulk", $$"""{"action":"cancel","ids":["{{held}}"]}""");

        var (status, stopped) = await PostAsync($"/api/bulk/{preview.Text("token")}/cancel", null);
        var (refused, problem) = await PostAsync($"/api/bulk/{preview.Text("token")}/run", null);

        Assert.That((status, stopped.Text("state"), stopped.GetProperty("outcomes").GetRawText()), Is.EqualTo((HttpStatusCode.Accepted, "stopped", """{"stopped":1}""")));
        Assert.That((refused, problem.Text("code")), Is.EqualTo((HttpStatusCode.Conflict, "already-cancelled")));
        Assert.That((await _host.Ledger.Referrals.FindAsync(held, None))!.State, Is.EqualTo(ReferralState.Held));
    }

    /// <summary>The runner that was killed is one whose lease has run out and that never comes back.</summary>
    [Test, Fault("H01")]
    public async Task Another_runner_finishes_what_a_killed_one_left()
    {
        var ids = new[] { await HeldAsync("1"), await HeldAsync("2"), await HeldAsync("3") };
        var action = new BulkAction { Id = Guid.CreateVersion7(_host.Clock.GetUtcNow()), Action = OperatorActs.Cancel, Actor = "ops", Role = "operator", State = BulkState.Previewed, At = _host.Clock.GetUtcNow(), Matched = 3 };
        await _host.Ledger.Bulks.FreezeAsync(action, ids, None);
        await _host.Ledger.Bulks.StartAsync(action.Id, new OperatorAction { Id = action.Id, At = action.At, Actor = "ops", Role = "operator", Action = action.Act }, None);
        using var killed = Runner();
        var claimed = (await _host.Ledger.Bulks.ClaimAsync(TimeSpan.FromSeconds(30), None))!;
        await killed.RunBatchAsync(claimed, 1, None);
        _host.Clock.Advance(TimeSpan.FromSeconds(31));

        using var next = Runner();
        // The host's own runner wakes with the clock: then it is the one that goes on.
        var taken = await _host.Ledger.Bulks.ClaimAsync(TimeSpan.FromSeconds(30), None);
        Assert.That(await killed.RunBatchAsync(claimed, 1, None), Is.False, "should it live after all, it does nothing more");
        while (taken is not null && await next.RunBatchAsync(taken, 1, None)) { }

        await UntilAsync($"{action.Id:D}", "done");
        foreach (var id in ids)
        {
            Assert.That((await _host.Ledger.Referrals.TimelineAsync(id, None)).Count(line => line.Event == "cancelled"), Is.EqualTo(1));
        }

        BulkRunner Runner() => new(_host.Ledger.Bulks, _host.Ledger.Referrals, _host.Service<BulkRules>(), _host.Clock, NullLogger<BulkRunner>.Instance);
    }

    [TestCase("""{"action":"retry"}""")]
    [TestCase("""{"action":"retry","ids":[]}""")]
    [TestCase("""{"action":"retry","ids":["1"]}""")]
    [TestCase("""{"action":"retry","ids":"x"}""")]
    [TestCase("""{"action":"delete","ids":["0199d1c2-0000-7000-8000-000000000001"]}""")]
    [TestCase("""{"action":"cancel","recipient":"urology-east","ids":["0199d1c2-0000-7000-8000-000000000001"]}""")]
    [TestCase("""{"action":"retry","recipient":"nobody","ids":["0199d1c2-0000-7000-8000-000000000001"]}""")]
    [TestCase("""{"action":"retry","filter":{}}""")]
    [TestCase("""{"action":"retry","filter":{"stat":"held"}}""")]
    [TestCase("""{"action":"retry","filter":{"state":"held"}}""", TestName = "Nothing that fits is nothing to preview")]
    [TestCase("""{"action":"retry","filter":{"state":"held"},"ids":["0199d1c2-0000-7000-8000-000000000001"]}""")]
    [TestCase("""[]""")]
    [TestCase("""{""")]
    public async Task What_is_not_said_clearly_is_not_previewed(string body)
    {
        var (status, problem) = await PostAsync("/api/bulk", body);

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest), problem.GetRawText());
    }

    [Test]
    public async Task A_form_s_list_of_more_than_twenty_is_begun_by_typing_its_number()
    {
        for (var n = 1; n <= 21; n++)
        {
            await HeldAsync($"{n}");
        }

        using var preview = await FormAsync("/bulk/preview", ("action", "retry"), ("recipient", ""), ("filter", "?state=held&limit=10"));
        var page = preview.Headers.Location!.OriginalString;
        var shown = await _host.Http.GetStringAsync(new Uri(page, UriKind.Relative));
        using var mistyped = await FormAsync($"{page}/run", ("confirm", "20"));
        var told = await mistyped.Content.ReadAsStringAsync();
        using var typed = await FormAsync($"{page}/run", ("confirm", "21"));

        Assert.Multiple(() =>
        {
            Assert.That(preview.StatusCode, Is.EqualTo(HttpStatusCode.SeeOther));
            Assert.That(shown, Does.Contain("21 referrals, 1 recipient.").And.Contain("21 will be retried."));
            Assert.That(mistyped.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(told, Does.Contain("aria-invalid=\"true\"").And.Contain("Type 21"));
            Assert.That((typed.StatusCode, typed.Headers.Location?.OriginalString), Is.EqualTo((HttpStatusCode.SeeOther, page)));
        });
        await UntilAsync(page["/bulk/".Length..], "done");
        Assert.That(await _host.Http.GetStringAsync(new Uri(page, UriKind.Relative)), Does.Contain("21 of 21").And.Contain("<progress id=\"bar\" max=\"21\" value=\"21\">"));
    }

    private async Task<JsonElement> UntilAsync(string token, string state)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var (_, now) = await _host.Http.ReadAsync($"/api/bulk/{token}");
            if (now.Text("state") == state)
            {
                return now;
            }

            ceiling.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<ReferralId> HeldAsync(string order, string code = "auth-refused")
    {
        var packaged = await _host.Ledger.PackagedAsync(order);
        var begun = await _host.Ledger.BegunAsync(packaged);
        return (await _host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, code, "Held.", _host.Clock.GetUtcNow()))).Id;
    }

    private async Task<ReferralId> DeliveredAsync(string order)
    {
        var begun = await _host.Ledger.BegunAsync(await _host.Ledger.PackagedAsync(order));
        return (await _host.Ledger.StepAsync(begun, row => StepTransitions.Delivered(row, new Dictionary<string, string>(), _host.Clock.GetUtcNow()))).Id;
    }

    private async Task<ReferralId> CancelledAsync(string order)
    {
        var row = await _host.Ledger.ReceivedAsync(order, "urology-east");
        await _host.Ledger.Referrals.DecideAsync<bool>(
            new DecisionScope.One(row.Id), rows => new(true, [], [((Verdict.Allowed)ReferralTransitions.Cancel(rows[0], _host.Clock.GetUtcNow())).Transition]), None);
        return row.Id;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _host.Http.PostAsync(new Uri(path, UriKind.Relative), content);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<HttpResponseMessage> FormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = _host.Http.BaseAddress };
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await http.PostAsync(new Uri(path, UriKind.Relative), form);
    }
}
