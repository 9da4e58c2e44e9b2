using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>A preview of what goes to a recipient that decides the form by its /metadata: it shows what would be sent, or says why nothing would be.</summary>
internal sealed class PreviewTests : WalkScene
{
    [TestCase(404, HttpStatusCode.Conflict, "recipient-incapable")]
    [TestCase(401, HttpStatusCode.Conflict, "auth-refused")]
    [TestCase(503, HttpStatusCode.ServiceUnavailable, "recipient-busy")]
    public async Task A_recipient_that_does_not_tell_what_it_takes_is_named_and_nothing_shown(int status, HttpStatusCode expected, string code)
    {
        East.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Status = status, Times = null });
        await using var service = await RunningService.StartAsync(Settings(), new FastClock(20));

        using var answer = await PreviewAsync(service, WriteCase(CasePerformer.UrologyEast));

        Assert.That(answer.StatusCode, Is.EqualTo(expected));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString(), Is.EqualTo(code));
    }

    [Test]
    public async Task A_slow_recipient_is_waited_for_and_what_would_be_sent_is_shown()
    {
        await using var transacts = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { StoresBundles = false, Transactions = TransactionMode.Atomic });
        // Ten seconds of the service's, where a step waits for one.
        transacts.Faults.Add(new Fault { Method = "GET", Path = "^/metadata", Delay = TimeSpan.FromSeconds(1) });
        await using var service = await RunningService.StartAsync(Settings(("Recipients:east:BaseUrl", transacts.Base)), new FastClock(10));
        var order = WriteCase(CasePerformer.UrologyEast);

        using var asked = await PreviewAsync(service, order);
        using var known = await PreviewAsync(service, order);

        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await UrlsAsync(asked), Is.EqualTo(await UrlsAsync(known)).And.Not.Empty);
        Assert.That(transacts.Requests.CountOf("GET", "/metadata"), Is.EqualTo(1));
    }

    private static Task<HttpResponseMessage> PreviewAsync(RunningService service, string order)
        => service.Http.PostAsJsonAsync("/api/referrals/preview", new { ehr = "main", serviceRequest = order, recipient = "east" });

    private static async Task<List<string?>> UrlsAsync(HttpResponseMessage answer)
        => [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("included").EnumerateArray().Select(i => i.GetProperty("fullUrl").GetString())];
}
