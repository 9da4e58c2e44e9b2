using System.Net;
using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class ReferralListTests
{
    [Test]
    public async Task The_list_begins_at_the_newest_and_its_cursor_leads_to_the_oldest()
    {
        await using var host = await OpsHost.StartAsync();
        foreach (var order in new[] { "1", "2", "3", "4", "5" })
        {
            await host.Ledger.ReceivedAsync(order);
        }

        var seen = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var (_, page) = await host.Http.ReadAsync($"/api/referrals?limit=2{(next.Length > 0 ? $"&cursor={next}" : "")}");
            seen.AddRange(Orders(page));
            next = page.Text("next");
        }

        Assert.That(seen, Is.EqualTo(new[] { "5", "4", "3", "2", "1" }));
    }

    [Test]
    public async Task A_referral_that_comes_while_a_reader_pages_moves_nothing()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.ReceivedAsync("1");
        await host.Ledger.ReceivedAsync("2");
        var (_, first) = await host.Http.ReadAsync("/api/referrals?limit=1");
        await host.Ledger.ReceivedAsync("3");

        var (_, second) = await host.Http.ReadAsync($"/api/referrals?limit=1&cursor={first.Text("next")}");

        Assert.That(Orders(first).Concat(Orders(second)), Is.EqualTo(new[] { "2", "1" }));
    }

    [TestCase("state=held", "2")]
    [TestCase("state=received", "3,1")]
    [TestCase("recipient=urology-east", "3")]
    [TestCase("ehr=main", "3,2,1")]
    [TestCase("ehr=other", "")]
    [TestCase("updatedSince=2026-11-22T10:30:00Z", "3")]
    [TestCase("updatedSince=2026-11-22T12:30:00%2B02:00", "3")]
    [TestCase("state=received&recipient=urology-east", "3")]
    public async Task A_filter_keeps_what_it_says(string filter, string expected)
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.ReceivedAsync("1");
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync("2"));
        await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, ReasonCodes.RecipientUnknown, "No recipient matches.", host.Clock.GetUtcNow()));
        host.Clock.Advance(TimeSpan.FromHours(1));
        await host.Ledger.ReceivedAsync("3", "urology-east");

        var (_, page) = await host.Http.ReadAsync($"/api/referrals?{filter}");

        Assert.That(string.Join(',', Orders(page)), Is.EqualTo(expected));
    }

    [Test]
    public async Task An_item_of_the_list_has_no_timeline()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.ReceivedAsync("1");

        var (_, page) = await host.Http.ReadAsync("/api/referrals");

        Assert.That(page.GetProperty("items")[0].TryGetProperty("timeline", out _), Is.False);
    }

    [Fault("S31")]
    [Fault("S33")]
    [Fault("S38")]
    [TestCase("limit=1000000000")]
    [TestCase("limit=99999999999999999999999")]
    [TestCase("offset=1000000")]
    [TestCase("_count=1000000000")]
    [TestCase("ehr=*")]
    [TestCase("ehr=main%25")]
    [TestCase("ehr=main'--")]
    [TestCase("recipient=..%2furo")]
    [TestCase("state=%3Cscript%3Elost%3C/script%3E")]
    [TestCase("state=%253Cscript%253Elost")]
    [TestCase("cursor=%00")]
    [TestCase("%3Cscript%3Elost=1")]
    [TestCase("state=lost")]
    [TestCase("state=0")]
    [TestCase("limit=0")]
    [TestCase("limit=201")]
    [TestCase("limit=1e2")]
    [TestCase("limit=-1")]
    [TestCase("cursor=abc")]
    [TestCase("cursor=AAAAAAAAAAAA")]
    [TestCase("cursor=AQAAAAAAAA%C3%B1B")]
    [TestCase("cursor=AQAAAAAAAA%3D%3D")]
    [TestCase("updatedSince=yesterday")]
    [TestCase("ehr=Main%20EHR")]
    [TestCase("recipient=%25")]
    [TestCase("staus=held")]
    [TestCase("state=held&state=failed")]
    public async Task A_filter_that_cannot_be_meant_is_refused(string filter)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, body) = await host.Http.ReadAsync($"/api/referrals?{filter}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(body.Text("code"), Is.EqualTo(ReasonCodes.BadRequest));
            Assert.That(body.GetRawText(), Does.Not.Contain("script").And.Not.Contain("lost"), "what was sent is not told back");
        });
    }

    private static IEnumerable<string> Orders(JsonElement page)
        => page.GetProperty("items").EnumerateArray().Select(item => item.Text("serviceRequest")!["ServiceRequest/".Length..]);
}
