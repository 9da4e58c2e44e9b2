using System.Net;

namespace ReferralService.Tests.Intake;

public sealed class HookRateTests
{
    [Test]
    public async Task Too_many_notifications_are_told_to_wait_and_strangers_use_up_nobodys_share()
    {
        await using var host = await IntakeHost.StartAsync(("Intake:NotificationsPerSecond", "1"));
        for (int stranger = 0; stranger < 3; stranger++)
        {
            using var refused = await host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8("{}"), authorization: "Bearer x");
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        using var first = await host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8(Hooks.Order()));
        var rest = new List<HttpResponseMessage>();
        for (int more = 0; more < 5; more++) rest.Add(await host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8(Hooks.Order())));

        Assert.Multiple(() =>
        {
            Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(rest.Where(r => r.StatusCode == HttpStatusCode.TooManyRequests), Is.Not.Empty.And.All.Matches<HttpResponseMessage>(r => r.Headers.RetryAfter?.Delta > TimeSpan.Zero));
        });
        rest.ForEach(r => r.Dispose());
    }
}
