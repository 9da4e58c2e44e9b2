using System.Net;
using ReferralService.Intake.Access;
using ReferralService.Intake.Settings;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

public sealed class CallRateTests
{
    private const string Submit = """{"ehr":"main","serviceRequest":"1"}""";

    [Fault("S37")]
    [Test]
    public async Task A_key_that_calls_too_often_is_told_to_wait_and_another_keys_calls_pass()
    {
        await using var host = await IntakeHost.StartAsync(
            ("Intake:RequestsPerSecond", "3"),
            ("Api:Keys:busy:Secret", "busy-secret-of-this-test"), ("Api:Keys:busy:Role", "operator"),
            ("Api:Keys:calm:Secret", "calm-secret-of-this-test"), ("Api:Keys:calm:Role", "operator"));

        var busy = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CallAsync(host, "busy-secret-of-this-test")));
        var calm = await CallAsync(host, "calm-secret-of-this-test");
        var hook = await host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8("{}"));

        Assert.Multiple(() =>
        {
            Assert.That(busy.Select(b => b.Status).Distinct(), Is.EquivalentTo(new[] { HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests }));
            Assert.That(busy.Where(b => b.Status == HttpStatusCode.TooManyRequests), Is.All.Matches<(HttpStatusCode, TimeSpan? RetryAfter, string Body)>(
                b => b.RetryAfter > TimeSpan.Zero && b.Body.Contains("\"code\":\"too-many-requests\"", StringComparison.Ordinal)));
            Assert.That(calm.Status, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(hook.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        });
        hook.Dispose();
    }

    [Fault("S37")]
    [Test]
    public async Task Whoever_guesses_keys_is_stopped_and_the_key_itself_is_not()
    {
        await using var host = await IntakeHost.StartAsync(
            ("Intake:RequestsPerSecond", "3"), ("Api:Keys:ops:Secret", "good-secret-of-this-test"), ("Api:Keys:ops:Role", "operator"));

        var guesses = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => CallAsync(host, $"guess-{i}")));
        var known = await CallAsync(host, "good-secret-of-this-test");

        Assert.That(guesses.Select(g => g.Status).Distinct(), Is.EquivalentTo(new[] { HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests }));
        Assert.That(known.Status, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Fault("S06")]
    [Test]
    public async Task Whoever_guesses_at_hooks_is_stopped_and_the_EHR_is_not()
    {
        await using var host = await IntakeHost.StartAsync(("Intake:RequestsPerSecond", "3"));
        var guesses = new List<HttpStatusCode>();
        for (int i = 0; i < 20; i++)
        {
            using var unknown = await host.HookAsync(HttpMethod.Post, $"/fhir/notify/ehr-{i}", Hooks.Utf8("{}"));
            using var wrong = await host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8("{}"), authorization: $"Bearer {i}");
            guesses.AddRange([unknown.StatusCode, wrong.StatusCode]);
        }

        using var known = await host.HookAsync(HttpMethod.Post, "/fhir/notify/main", Hooks.Utf8("{}"));

        Assert.That(guesses, Has.Some.EqualTo(HttpStatusCode.TooManyRequests).And.All.AnyOf(HttpStatusCode.NotFound, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests));
        Assert.That(known.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Fault("S37")]
    [TestCase("10.0.0.1", "10.0.0.2", false)]
    [TestCase("10.0.0.1", "::ffff:10.0.0.1", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void One_callers_addresses_are_one_caller(string first, string second, bool same)
    {
        using var rate = new CallRate(new IntakeOptions { RequestsPerSecond = 1 });

        Assert.That(rate.TakeOfPeer(IPAddress.Parse(first)), Is.True);
        Assert.That(rate.TakeOfPeer(IPAddress.Parse(second)), Is.EqualTo(!same));
    }

    private static async Task<(HttpStatusCode Status, TimeSpan? RetryAfter, string Body)> CallAsync(IntakeHost host, string secret)
    {
        using var response = await host.ApiAsync(HttpMethod.Post, "/api/referrals", Submit, headers: ("Authorization", "Bearer " + secret));
        return (response.StatusCode, response.Headers.RetryAfter?.Delta, await response.Content.ReadAsStringAsync());
    }
}
