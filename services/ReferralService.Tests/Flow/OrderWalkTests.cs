using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Gathering.Plans;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The walk when the order is not, or no longer, one to act on; and the preview, which walks without a trace.</summary>
internal sealed class OrderWalkTests : WalkScene
{
    [Test]
    public async Task An_order_revoked_after_it_was_packaged_is_never_sent()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        // Asked what it can, the recipient takes its time: long enough for the order to be revoked meanwhile.
        East.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Delay = TimeSpan.FromSeconds(2) });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Document")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => (await service.ShowAsync(id)).GetProperty("state").GetString() == "packaged");

        Ehr.Write(Revoked(order));
        var shown = await service.UntilAsync(id, "cancelled");

        Assert.Multiple(() =>
        {
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("order-revoked"));
            Assert.That(East.Requests.All.Where(r => r.Method != "GET"), Is.Empty);
        });
    }

    [Test]
    public async Task A_revocation_that_is_hinted_at_ends_a_delivery_that_waits()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, RetryAfter = "3600", Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));

        Ehr.Write(Revoked(order));
        using var hinted = await HintAsync(service, order);
        await service.UntilAsync(id, "cancelled");

        Assert.That(East.Effects.All, Is.Empty);
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
        Assert.That(East.Effects.All, Is.Empty);
    }

    [Test]
    public async Task A_preview_names_what_a_plan_holds_for()
    {
        using var folder = new PlanFolder();
        var plan = PlanFolder.Plan();
        plan["triggers"] = System.Text.Json.Nodes.JsonNode.Parse("""{ "any": [ { "id": "opinion", "in": [ "code", "reasonCode" ], "words": [ "opinion", "testic*", "mass" ] } ] }""");
        folder.With(plan);
        await using var service = await RunningService.StartAsync(Settings(("Gathering:PlanFolder", folder.FullName)));

        using var answer = await service.Http.PostAsJsonAsync("/api/referrals/preview", new { ehr = "main", serviceRequest = WriteCase(CasePerformer.UrologyEast), recipient = "east" });
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(problem.GetProperty("code").GetString(), Is.EqualTo("record-incomplete"));
            Assert.That(problem.GetProperty("detail").GetString(), Does.EndWith("those in missing."));
            Assert.That(problem.GetProperty("missing").EnumerateArray().Select(m => m.GetString()), Is.EqualTo(new[] { "plan:own-plan/crp" }));
        });
    }

    [Test]
    public async Task An_order_that_is_a_draft_is_held_when_asked_for_and_ignored_when_hinted_at()
    {
        var order = WriteCase(CasePerformer.UrologyEast, text => text.Replace("\"active\"", "\"draft\"", StringComparison.Ordinal));
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test"), ("Ehrs:main:PollInterval", "00:00:00")));

        using var hinted = await HintAsync(service, order);
        await UntilAsync(() => Ehr.Requests.CountOf("GET", "/" + order) > 0);
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
}
