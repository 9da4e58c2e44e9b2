using System.Net;
using ReferralService.Contracts;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class ReferralReadTests
{
    [Test]
    public async Task A_referral_is_shown_with_its_package_and_its_timeline()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("123", bundle: "{\"resourceType\":\"Bundle\"}");

        var (status, body) = await host.Http.ReadAsync($"/api/referrals/{referral.Id}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(body.Text("id"), Is.EqualTo(referral.Id.ToString()));
            Assert.That(body.Text("ehr"), Is.EqualTo("main"));
            Assert.That(body.Text("serviceRequest"), Is.EqualTo("ServiceRequest/123"));
            Assert.That(body.Text("recipient"), Is.EqualTo("urology-east"));
            Assert.That(body.Text("state"), Is.EqualTo("packaged"));
            Assert.That(body.GetProperty("attempt").GetInt32(), Is.Zero);
            Assert.That(body.Text("nextAttemptAt"), Is.EqualTo("2026-11-22T10:00:00.000Z"));
            Assert.That(body.GetProperty("error").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
            Assert.That(body.GetProperty("package").GetRawText(), Is.EqualTo(
                $$"""{"id":"{{referral.PackageId}}","version":1,"form":"Document","digest":"{{referral.PackageDigest}}","bytes":25,"entries":3}"""));
            Assert.That(
                body.GetProperty("timeline").EnumerateArray().Where(line => line.GetProperty("sequence").ValueKind == System.Text.Json.JsonValueKind.Number)
                    .Select(line => $"{line.GetProperty("sequence").GetInt32()} {line.Text("event")} {line.Text("at")}"),
                Is.EqualTo(new[] { "1 received 2026-11-22T10:00:00.000Z", "2 gathered 2026-11-22T10:00:00.000Z", "3 packaged 2026-11-22T10:00:00.000Z" }));
        });
    }

    [Test]
    public async Task A_held_referral_says_why_and_waits_for_nothing()
    {
        await using var host = await OpsHost.StartAsync();
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync("123"));
        var held = await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, ReasonCodes.RecipientUnknown, "No recipient matches.", host.Clock.GetUtcNow()));

        var (_, body) = await host.Http.ReadAsync($"/api/referrals/{held.Id}");

        Assert.Multiple(() =>
        {
            Assert.That(body.Text("state"), Is.EqualTo("held"));
            Assert.That(body.GetProperty("error").GetRawText(), Is.EqualTo("""{"code":"recipient-unknown","message":"No recipient matches."}"""));
            Assert.That(body.Text("nextAttemptAt"), Is.Null);
            Assert.That(body.GetProperty("package").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
        });
    }

    [TestCase("5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90", HttpStatusCode.NotFound, "not-found")]
    [TestCase("123", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("%27%20OR%201=1", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90/package", HttpStatusCode.NotFound, "not-found")]
    [TestCase("5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90/nothing", HttpStatusCode.NotFound, "not-found")]
    public async Task What_is_not_there_is_told_by_a_code(string id, HttpStatusCode expected, string code)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, body) = await host.Http.ReadAsync($"/api/referrals/{id}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(expected));
            Assert.That(body.Text("code"), Is.EqualTo(code));
            Assert.That(ReasonCodes.All, Does.Contain(code));
        });
    }
}
