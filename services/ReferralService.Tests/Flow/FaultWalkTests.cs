using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The walk when the consultant fails, and how often it is then asked.</summary>
internal sealed class FaultWalkTests : WalkScene
{
    [Test]
    public async Task Two_answers_of_503_and_then_it_arrives_once()
    {
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, RetryAfter = "1", Times = 2 });
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
            Assert.That(East.Requests.All.Count(r => r.Status == 503), Is.EqualTo(2));
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
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Cut = Cut.BeforeProcessing });
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        await service.UntilAsync(id, "delivered");

        Assert.That(East.Effects.All, Has.Count.EqualTo(1));
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
    public async Task A_recipient_that_refuses_the_question_leaves_the_outcome_unknown_and_a_newer_order_sends_nothing()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        north.Faults.Add(new Fault { Method = "POST", Path = "^/Bundle", Cut = Cut.AfterProcessing });
        north.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle", Status = 403, Times = null });
        await using var service = await RunningService.StartAsync(
            Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document"), ("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));
        var order = WriteCase(CasePerformer.UrologyEast);

        var id = await service.SubmitAsync(order, "north");
        var held = await service.UntilAsync(id, "held");
        Ehr.Write(Ehr.Bytes(order)!.Value);
        using var hinted = await HintAsync(service, order);
        await UntilAsync(async () => (await service.ShowAsync(id)).GetProperty("timeline").EnumerateArray().Any(e => e.GetProperty("event").GetString() == "order-changed"));
        var shown = await service.ShowAsync(id);

        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("delivery-unknown"));
            Assert.That(shown.GetProperty("state").GetString(), Is.EqualTo("held"));
            Assert.That(north.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task A_retry_that_sends_anyway_makes_no_other_package_of_an_order_that_has_changed()
    {
        await using var north = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { UpdateCreate = false });
        north.Faults.Add(new Fault { Method = "POST", Path = "^/Bundle", Cut = Cut.AfterProcessing });
        north.Faults.Add(new Fault { Method = "GET", Path = "^/Bundle", Status = 403, Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:north:BaseUrl", north.Base), ("Recipients:north:Form", "Document")));
        var order = WriteCase(CasePerformer.UrologyEast);
        var id = await service.SubmitAsync(order, "north");
        await service.UntilAsync(id, "held");
        Ehr.Write(Ehr.Bytes(order)!.Value);

        using var retried = await service.Http.PostAsync($"/api/referrals/{id}/retry", null);
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Count(e => e is "held" or "packaged" or "delivered") == 3);
        var shown = await service.ShowAsync(id);

        Assert.Multiple(() =>
        {
            Assert.That(Events(shown).Last(), Is.EqualTo("held"));
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("delivery-unknown"));
            Assert.That(north.Effects.All, Has.Count.EqualTo(1));
        });
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
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 422, Times = null });
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        var shown = await service.UntilAsync(id, "failed");

        Assert.Multiple(() =>
        {
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("refused"));
            Assert.That(East.Requests.All.Count(r => r.Status == 422), Is.EqualTo(1));
        });
    }
}
