using System.Text;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>An EHR in trouble, seen from the whole walk.</summary>
internal sealed class EhrRowWalkTests : WalkScene
{
    [Test]
    [Fault("E01")]
    public async Task Credentials_the_EHR_refuses_hold_the_referral_at_once_and_a_retry_carries_it_on()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        Ehr.Faults.Add(new Fault { Path = "^/ServiceRequest", Status = 401, Times = 1 });
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(order, "east");

        var held = await service.UntilAsync(id, "held");
        Assert.Multiple(() =>
        {
            Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("auth-refused"));
            Assert.That(held.GetProperty("attempt").GetInt32(), Is.Zero);
            Assert.That(Events(held), Is.EqualTo(new[] { "received", "held" }));
            Assert.That(Ehr.Requests.CountOf("GET", "/ServiceRequest"), Is.EqualTo(1));
        });

        using var retried = await service.Http.PostAsync($"/api/referrals/{id}/retry", null);
        await service.UntilAsync(id, "delivered");
    }

    [Test]
    [Fault("E03")]
    public async Task An_order_that_was_deleted_is_held_and_not_asked_for_again()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        Ehr.Delete("ServiceRequest", order.Split('/')[1]);
        await using var service = await RunningService.StartAsync(Settings());

        var held = await service.UntilAsync(await service.SubmitAsync(order, "east"), "held");

        Assert.That(held.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("order-gone"));
        Assert.That(Ehr.Requests.CountOf("GET", "/ServiceRequest"), Is.EqualTo(1));
    }

    [Test]
    [Fault("E14")]
    public async Task An_order_that_changes_while_its_record_is_pulled_is_pulled_again_and_only_its_newest_version_sent()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        Ehr.Faults.Add(new Fault { Path = "^/Observation", Delay = TimeSpan.FromSeconds(1) });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Document")));
        var id = await service.SubmitAsync(order, "east");

        await UntilAsync(() => Ehr.Requests.CountOf("GET", "/Patient/") > 0);
        Ehr.Write(Encoding.UTF8.GetString(Ehr.Bytes(order)!.Value.Span).Replace("\"intent\"", "\"patientInstruction\":\"CHANGED MEANWHILE\",\"intent\"", StringComparison.Ordinal));
        var shown = await service.UntilAsync(id, "delivered");

        var sent = East.Effects.All.Select(e => Encoding.UTF8.GetString(East.Bytes(e.Key)!.Value.Span)).ToList();
        var manifest = await service.Http.GetStringAsync($"/api/referrals/{id}/manifest");
        Assert.Multiple(() =>
        {
            Assert.That(sent, Has.Exactly(1).Items.And.All.Contains("CHANGED MEANWHILE"));
            Assert.That(shown.GetProperty("package").GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(manifest, Does.Contain("\"versionId\":\"2\""));
        });
    }
}
