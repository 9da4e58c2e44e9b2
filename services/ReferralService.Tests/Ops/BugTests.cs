using System.Net;
using Microsoft.AspNetCore.Builder;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>A bug of ours at a request: told by an id alone, and the next request is answered as if nothing had been.</summary>
[TestFixture]
internal sealed class BugTests
{
    [Fault("S42")]
    [TestCase("/api/boom")]
    [TestCase("/fhir/boom")]
    public async Task A_bug_is_told_by_an_id_alone_and_the_service_lives(string path)
    {
        await using var host = await OpsHost.StartAsync(extend: app => app.MapGet(path, new Func<string>(() => throw new InvalidTimeZoneException("canary7f3 at C:\\records"))));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var response = await host.Http.GetAsync(new Uri(path, UriKind.Relative));
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync());
        }));
        var (live, _) = await host.Http.ReadAsync("/health/live");
        var (list, _) = await host.Http.ReadAsync("/api/referrals");

        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(a => a.StatusCode), Is.All.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(answers[0].Text, Does.Match("(?i)trace ?id\\W").And.Not.Contain("canary").And.Not.Contain("TimeZone").And.Not.Contain(".cs").And.Not.Contain("   at "));
            Assert.That(answers.Select(a => a.Text).Distinct().Count(), Is.EqualTo(answers.Length), "each its own id");
            Assert.That((live, list), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        });
    }
}
