using System.Text;
using System.Text.Json;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>The order is taken back at each stage of the walk: what was not sent is never sent, what was is noted.</summary>
[Fault("N06")]
internal sealed class RevocationTests : WalkScene
{
    [TestCase("revoked")]
    [TestCase("entered-in-error")]
    public async Task While_the_record_is_gathered(string status)
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        Ehr.Faults.Add(new Fault { Path = "^/Observation", Delay = TimeSpan.FromSeconds(2) });
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => State(await service.ShowAsync(id)) == "gathering");

        TakeBack(order, status);

        await AssertNeverSentAsync(service, id);
    }

    [TestCase("revoked")]
    [TestCase("entered-in-error")]
    public async Task After_it_was_packaged(string status)
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        East.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Delay = TimeSpan.FromSeconds(2) });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:Form", "Document")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => State(await service.ShowAsync(id)) == "packaged");

        TakeBack(order, status);

        await AssertNeverSentAsync(service, id);
    }

    [TestCase("revoked", true)]
    [TestCase("entered-in-error", true)]
    [TestCase("revoked", false)]
    public async Task While_it_waits_for_its_next_attempt(string status, bool hinted)
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Status = 503, RetryAfter = "3600", Times = null });
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test"), ("Ehrs:main:PollInterval", hinted ? "00:00:00" : "00:00:01")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(async () => Events(await service.ShowAsync(id)).Contains("deferred"));

        // Without a hint only the sweep tells: the order no longer matches the criteria, so it is the reading of open orders that finds it.
        TakeBack(order, status);
        if (hinted) (await HintAsync(service, order)).Dispose();

        await AssertNeverSentAsync(service, id);
    }

    [TestCase("revoked", true, "delivered")]
    [TestCase("entered-in-error", false, "cancelled")]
    public async Task While_an_attempt_is_in_flight_it_ends_as_the_attempt_does(string status, bool lands, string state)
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        East.Faults.Add(new Fault { Method = "PUT,POST", Path = "^/Bundle", Delay = TimeSpan.FromSeconds(3), Stubborn = true, Status = lands ? null : 503, RetryAfter = lands ? null : "3600" });
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));
        var id = await service.SubmitAsync(order, "east");
        await UntilAsync(() => East.Faults.Struck > 0);

        TakeBack(order, status);
        (await HintAsync(service, order)).Dispose();
        await UntilAsync(async () => Notes(await service.ShowAsync(id)).Contains("cancel-pending"));
        await service.UntilAsync(id, state);

        Assert.That(East.Effects.All, Has.Count.EqualTo(lands ? 1 : 0));
    }

    [TestCase("revoked")]
    [TestCase("entered-in-error")]
    public async Task After_it_was_delivered_it_is_noted_and_nothing_is_sent(string status)
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));
        var id = await service.SubmitAsync(order, "east");
        await service.UntilAsync(id, "delivered");
        int asked = East.Requests.All.Count;

        TakeBack(order, status);
        for (var i = 0; i < 2; i++) (await HintAsync(service, order)).Dispose();
        await UntilAsync(async () => Notes(await service.ShowAsync(id)).Contains("order-revoked"));
        var shown = await service.ShowAsync(id);

        Assert.Multiple(() =>
        {
            Assert.That(State(shown), Is.EqualTo("delivered"));
            Assert.That(Notes(shown), Has.Exactly(1).EqualTo("order-revoked"));
            Assert.That(East.Requests.All, Has.Count.EqualTo(asked));
        });
    }

    private void TakeBack(string order, string status)
        => Ehr.Write(Encoding.UTF8.GetString(Ehr.Bytes(order)!.Value.Span).Replace("\"active\"", $"\"{status}\"", StringComparison.Ordinal));

    private async Task AssertNeverSentAsync(RunningService service, string id)
    {
        var shown = await service.UntilAsync(id, "cancelled");
        Assert.Multiple(() =>
        {
            Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("order-revoked"));
            Assert.That(East.Effects.All, Is.Empty);
        });
    }

    private static string? State(JsonElement shown) => shown.GetProperty("state").GetString();

    private static IEnumerable<string?> Notes(JsonElement shown) => shown.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("event").GetString());
}
