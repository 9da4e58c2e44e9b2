using System.Net;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Pages;

[TestFixture]
internal sealed class ListPageTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Test]
    public async Task The_list_shows_each_referral_with_how_it_stands_and_why()
    {
        await using var host = await PagesBench.StartAsync();
        var held = await host.HeldAsync("1");
        await host.DeliveredAsync("2");

        var (_, html) = await host.PageAsync("/referrals");

        Assert.That(html, Does.Contain($"/referrals/{held.Id}").And.Contain("Held: needs you").And.Contain("recipient-unknown").And.Contain("ServiceRequest/2").And.Contain("Delivered"));
    }

    [Test]
    public async Task Its_pages_lead_from_the_newest_to_the_oldest_with_the_filters_kept()
    {
        await using var host = await PagesBench.StartAsync();
        foreach (var order in new[] { "1", "2", "3" })
        {
            await host.Ledger.ReceivedAsync(order, "urology-east");
        }

        var (_, first) = await host.PageAsync("/referrals?recipient=urology-east&limit=2");
        var next = WebUtility.HtmlDecode(first[(first.LastIndexOf("href=\"/referrals?", StringComparison.Ordinal) + 6)..].Split('"')[0]);
        var (_, second) = await host.PageAsync(next);

        Assert.Multiple(() =>
        {
            Assert.That(next, Does.Contain("recipient=urology-east").And.Contain("limit=2").And.Contain("cursor="));
            Assert.That(second, Does.Contain("ServiceRequest/1").And.Not.Contain("ServiceRequest/2").And.Not.Contain("Older"));
        });
    }

    [TestCase("id", "referral id or ServiceRequest id")]
    [TestCase("order-7", "ServiceRequest id or requisition")]
    [TestCase("ServiceRequest/order-7", "ServiceRequest id")]
    [TestCase("https://ehr.example.org/fhir/ServiceRequest/order-7", "ServiceRequest id at EHR main")]
    [TestCase("REQ 4711/a", null)]
    [TestCase("requisition: req 4711/A", "requisition")]
    [TestCase("https://lab.example.org/requisitions|REQ 4711/A", "requisition")]
    [TestCase("urology-east", "recipient")]
    [TestCase("recipient-unknown", "error code")]
    [TestCase(Trace, "trace id or ServiceRequest id")]
    [TestCase($"00-{Trace}-00f067aa0ba902b7-01", "trace id")]
    [TestCase($"trace:{Trace}", "trace id")]
    public async Task A_referral_is_found_by_what_is_known_of_it_and_the_page_says_as_what(string text, string? expected)
    {
        await using var host = await PagesBench.StartAsync();
        var wanted = await WantedAsync(host);
        await host.Ledger.ReceivedAsync("other");
        var asked = text == "id" ? wanted.Id.ToString() : text;

        var (status, html) = await host.PageAsync($"/referrals?q={Uri.EscapeDataString(asked)}");

        if (expected is null)
        {
            // A slash may stand in a requisition; what looks like a reference of nobody's is asked back about.
            Assert.That((status, html.Contains("is no ServiceRequest of a configured EHR", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.BadRequest, true)));
            return;
        }

        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Contain($"Searched as: <strong>{expected}</strong>"));
            Assert.That(html, Does.Contain($"/referrals/{wanted.Id}").And.Not.Contain("ServiceRequest/other\""));
        });
    }

    [Test]
    public async Task The_api_finds_by_the_same_text()
    {
        await using var host = await PagesBench.StartAsync();
        var wanted = await WantedAsync(host);
        await host.Ledger.ReceivedAsync("other");

        var (_, page) = await host.Http.ReadAsync($"/api/referrals?q={Trace}");

        Assert.That(page.GetProperty("items").EnumerateArray().Select(item => item.Text("id")), Is.EqualTo(new[] { wanted.Id.ToString() }));
    }

    [TestCase("standing=under-way", "1")]
    [TestCase("standing=put-off", "2")]
    [TestCase("code=recipient-unknown", "3")]
    public async Task A_figure_of_the_board_leads_to_exactly_its_referrals(string filter, string expected)
    {
        await using var host = await PagesBench.StartAsync();
        await host.PutOffAsync("2");
        await host.HeldAsync("3");
        await host.Ledger.ReceivedAsync("1");

        var (_, page) = await host.Http.ReadAsync($"/api/referrals?{filter}");

        Assert.That(page.GetProperty("items").EnumerateArray().Select(item => item.Text("serviceRequest")), Is.EqualTo(new[] { $"ServiceRequest/{expected}" }));
    }

    [Test]
    public async Task What_was_typed_is_shown_as_text_whatever_it_is()
    {
        await using var host = await PagesBench.StartAsync();

        var (_, html) = await host.PageAsync($"/referrals?q={Uri.EscapeDataString("\"><script>alert(1)</script>")}");

        Assert.That(html, Does.Not.Contain("<script>alert").And.Contain("&lt;script&gt;alert"));
    }

    [TestCase("state=lost")]
    [TestCase("staus=held")]
    [TestCase("cursor=abc")]
    public async Task A_filter_that_cannot_be_meant_is_said_at_the_field_and_lists_nothing(string filter)
    {
        await using var host = await PagesBench.StartAsync();
        await host.Ledger.ReceivedAsync("1");

        var (status, html) = await host.PageAsync($"/referrals?{filter}");

        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(html, Does.Contain("id=\"q-fault\"").And.Not.Contain("ServiceRequest/1"));
        });
    }

    /// <summary>One with everything that can be known of it.</summary>
    private static async Task<Referral> WantedAsync(OpsHost host)
    {
        var created = await host.Ledger.Referrals.DecideAsync(new DecisionScope.Order("main", "order-7"), _ =>
        {
            var first = ReferralTransitions.Create(new Uri("https://ehr.example.org/fhir"), "main", "order-7", "urology-east", $"00-{Trace}-00f067aa0ba902b7-01", host.Clock.GetUtcNow());
            return new Decision<Referral>(first.After, [first], []);
        }, CancellationToken.None);
        var begun = await host.Ledger.BegunAsync(created);
        await host.Ledger.Requisitions.KeepAsync(begun, " Req 4711/A ", CancellationToken.None);
        return await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, "recipient-unknown", "No recipient matches.", host.Clock.GetUtcNow()));
    }
}
