using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>Orders that cannot be acted on, and notifications that tell another tale than the EHR does: nothing goes out.</summary>
internal sealed class BadOrderTests : WalkScene
{
    [Fault("S19")]
    [TestCase("\"subject\"", "\"formerSubject\"", "wrong-patient")]
    [TestCase("\"status\":", "\"formerStatus\":", "not-actionable")]
    [TestCase("\"intent\":", "\"formerIntent\":", "not-actionable")]
    public async Task An_order_without_what_R4_requires_is_held_and_nothing_is_sent(string element, string instead, string code)
        => await ThenRestsAsync(text => text.Replace(element, instead, StringComparison.Ordinal), "held", code);

    [Fault("S22")]
    [TestCase("draft", "held", "not-actionable")]
    [TestCase("on-hold", "held", "not-actionable")]
    [TestCase("made-up", "held", "not-actionable")]
    [TestCase("revoked", "cancelled", "order-revoked")]
    [TestCase("entered-in-error", "cancelled", "order-revoked")]
    public async Task An_order_that_is_not_active_rests_with_the_reason_and_nothing_is_sent(string status, string state, string code)
        => await ThenRestsAsync(text => text.Replace("\"active\"", $"\"{status}\"", StringComparison.Ordinal), state, code);

    [Fault("S07")]
    [Test]
    public async Task What_a_notification_says_of_an_order_is_not_believed()
    {
        var order = WriteCase(CasePerformer.UrologyEast, text => text.Replace("\"active\"", "\"draft\"", StringComparison.Ordinal));
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));
        using var told = await PostAsync(service, Lie(order));
        await UntilAsync(() => Ehr.Requests.CountOf("GET", "/" + order) > 0);

        Assert.That(told.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await service.ListAsync(), Is.Empty, "the EHR says it is a draft");

        Ehr.Write(Text(order).Replace("\"draft\"", "\"active\"", StringComparison.Ordinal));
        using var again = await PostAsync(service, Lie(order));
        await service.UntilAsync(await service.UntilListedAsync(1), "delivered");

        Assert.That((East.Effects.All.Count, West.Effects.All.Count), Is.EqualTo((1, 0)), "the EHR's performer, not the notification's");
    }

    [Fault("S05")]
    [Test]
    public async Task A_notification_that_is_replayed_sends_nothing_twice()
    {
        var order = WriteCase(CasePerformer.UrologyEast);
        await using var service = await RunningService.StartAsync(Settings(("Ehrs:main:NotificationSecret", "s3cret-of-this-test")));
        var recorded = Text(order);
        using var first = await PostAsync(service, recorded);
        var id = await service.UntilListedAsync(1);
        await service.UntilAsync(id, "delivered");

        for (int i = 0; i < 5; i++)
        {
            using var replay = await PostAsync(service, recorded);
            Assert.That(replay.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        }

        // A submit behind them is read and carried out; by then they were too.
        var marker = await service.SubmitAsync(order, "west");
        await service.UntilAsync(marker, "delivered");
        Assert.That((await service.ListAsync()).Count, Is.EqualTo(2));
        Assert.That(East.Effects.All, Has.Count.EqualTo(1));
    }

    /// <summary>The order as it is, but active and for somebody else.</summary>
    private string Lie(string order) => Text(order).Replace("\"draft\"", "\"active\"", StringComparison.Ordinal).Replace("uro-east", "uro-west", StringComparison.Ordinal);

    private string Text(string order) => Encoding.UTF8.GetString(Ehr.Bytes(order)!.Value.Span);

    private async Task ThenRestsAsync(Func<string, string> change, string state, string code)
    {
        var order = WriteCase(CasePerformer.UrologyEast, change);
        await using var service = await RunningService.StartAsync(Settings());

        var id = await service.SubmitAsync(order);
        var shown = await service.UntilAsync(id, state);

        Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo(code));
        Assert.That(East.Requests.All.Where(r => r.Method != "GET"), Is.Empty);
    }

    private static async Task<HttpResponseMessage> PostAsync(RunningService service, string body)
    {
        using var hint = new HttpRequestMessage(HttpMethod.Post, "/fhir/notify/main") { Headers = { { "Authorization", "Bearer s3cret-of-this-test" } } };
        hint.Content = new StringContent(body, new MediaTypeHeaderValue("application/fhir+json"));
        return await service.Http.SendAsync(hint);
    }
}
