using System.Text.Json;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Flow;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Terminal;

/// <summary>submit, watch, preview, retry, cancel, pause and resume against the whole service, with the sandbox's partners.</summary>
internal sealed class ActingVerbTests : WalkScene
{
    [Test]
    public async Task An_order_is_submitted_and_watched_until_it_is_delivered()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var order = WriteCase(CasePerformer.UrologyEast);

        var submitted = await Typed.RunAsync(service.Http, "submit", order, "--ehr", "main", "--recipient", "east");
        var id = submitted.Output.Split(' ')[0];
        var watched = await Typed.RunAsync(service.Http, "watch", id, "--every", "0.1");

        Assert.That((submitted.Code, submitted.Errors, watched.Code), Is.EqualTo((0, "", 0)), submitted.Errors + watched.Errors);
        Assert.That(watched.Output, Does.Contain("  1  received ").And.Contain("  3  packaged ").And.Contain("  4  delivered ").And.Not.Contain("\u001b"));
        Assert.That(East.Requests.CountOf("PUT", "/Bundle/"), Is.EqualTo(1));
    }

    [Test]
    public async Task All_under_way_are_watched_until_they_rest_and_the_code_says_how()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var old = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "west");
        await service.UntilAsync(old, "delivered");
        await Typed.RunAsync(service.Http, "pause", "east");
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");

        await using var said = new HeardWriter(id);
        var watching = Typed.RunAsync(["watch", "--every", "0.1"], url: service.Http.BaseAddress!.ToString(), output: said);
        await said.Heard;
        await Typed.RunAsync(service.Http, "cancel", id);
        var watched = await watching;
        var again = await Typed.RunAsync(service.Http, "watch");

        Assert.That(watched.Code, Is.EqualTo(12), watched.Errors);
        Assert.That(watched.Output, Does.Match($"{id}  cancelled ").And.Not.Contain(old), "that rested before");
        Assert.That((again.Code, again.Output), Is.EqualTo((0, "")), "nothing is under way");
    }

    [Test]
    public async Task A_preview_says_in_short_what_would_go()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var order = WriteCase(CasePerformer.UrologyEast);

        var shown = await Typed.RunAsync(service.Http, "preview", order, "--ehr", "main", "--recipient", "east");
        var json = await Typed.RunAsync(service.Http, "preview", order, "--ehr", "main", "--recipient", "east", "--json");

        Assert.That((shown.Code, shown.Errors, json.Code), Is.EqualTo((0, "", 0)));
        using var manifest = JsonDocument.Parse(json.Output);
        var included = manifest.RootElement.GetProperty("included").GetArrayLength();
        Assert.That(shown.Output, Does.StartWith($"would send  {included} resources, ").And.Contain("included        1  ServiceRequest").And.Contain("checklist"));
        Assert.That(East.Requests.CountOf("PUT", "/Bundle/"), Is.Zero);
    }

    [Test]
    public async Task What_the_state_forbids_is_8()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await service.UntilAsync(id, "delivered");

        var retried = await Typed.RunAsync(service.Http, "retry", id);
        var cancelled = await Typed.RunAsync(service.Http, "cancel", id);

        Assert.That((retried.Code, cancelled.Code), Is.EqualTo((8, 8)));
        Assert.That(retried.Errors, Does.StartWith("use-forward: "));
        Assert.That(cancelled.Errors, Does.StartWith("already-delivered: "));
    }

    [Test]
    public async Task A_partner_is_paused_and_resumed()
    {
        await using var service = await RunningService.StartAsync(Settings());

        var paused = await Typed.RunAsync(service.Http, "pause", "east", "--kind", "recipient");
        var resumed = await Typed.RunAsync(service.Http, "resume", "east", "--json");
        var unknown = await Typed.RunAsync(service.Http, "pause", "nobody");

        Assert.That(paused, Is.EqualTo(new Typed(0, "east paused\n", "")));
        Assert.That(resumed, Is.EqualTo(new Typed(0, """{"name":"east","kinds":["recipient"],"paused":false}""" + "\n", "")));
        Assert.That(unknown.Code, Is.EqualTo(7));
    }
}
