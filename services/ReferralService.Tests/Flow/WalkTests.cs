using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The walk when nothing goes wrong, by each way in.</summary>
internal sealed class WalkTests : WalkScene
{
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
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
            Assert.That(East.Effects.All[0].Digest, Is.EqualTo(shown.GetProperty("package").GetProperty("digest").GetString()), "what arrived is what was packaged");
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

        Assert.That(East.Bytes(East.Effects.All.Single().Key)!.Value.ToArray(), Is.EqualTo(package));
    }

    [Test]
    public async Task Three_hundred_resources_arrive_byte_for_byte()
    {
        Ehr.Load(new RecordGenerator(seed: 7, Day).Noise(patients: 2, resourcesEach: 20));
        Ehr.Load(new RecordGenerator(seed: 7, Day).Record(1, new RecordSize(Resources: 300)));
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Collection")));

        var id = await service.SubmitAsync("order-1", "east");
        await service.UntilAsync(id, "delivered");

        var bundle = East.Bytes(East.Effects.All.Single().Key)!.Value;
        var entries = JsonDocument.Parse(bundle).RootElement.GetProperty("entry").EnumerateArray().ToList();
        var text = Encoding.UTF8.GetString(bundle.Span);
        Assert.Multiple(() =>
        {
            Assert.That(entries, Has.Count.GreaterThanOrEqualTo(303), "300 results and reports, the order, the patient, the organization");
            foreach (var entry in entries)
            {
                var key = entry.GetProperty("fullUrl").GetString()![(Ehr.Base.Length + 1)..];
                Assert.That(entry.GetProperty("resource").GetRawText(), Is.EqualTo(Encoding.UTF8.GetString(Ehr.Bytes(key)!.Value.Span)), key);
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
            Assert.That((East.Effects.All.Count, West.Effects.All.Count), Is.EqualTo((1, 1)));
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
            Assert.That(East.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [TestCase(true, TestName = "A rest-hook with payload becomes one delivery")]
    [TestCase(false, TestName = "A rest-hook without payload becomes one delivery")]
    public async Task A_hook_becomes_one_delivery(bool payload)
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test"), ("Ehrs:main:PollInterval", "00:00:00")));
        await SubscribeAsync(service, "s3cret-of-this-test", payload);

        WriteCase(CasePerformer.UrologyEast);
        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");

        Assert.That(East.Effects.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_poll_finds_what_no_hook_told()
    {
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:PollInterval", "00:00:01")));

        WriteCase(CasePerformer.UrologyEast);
        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");

        Assert.That(East.Effects.All, Has.Count.EqualTo(1));
    }

    [Fault("S23")]
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
            Assert.That(West.Effects.All, Has.Count.EqualTo(1));
        });
    }
}
