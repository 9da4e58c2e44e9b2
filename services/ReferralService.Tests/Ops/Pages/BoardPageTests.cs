using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ReferralService.Ledger;
using ReferralService.Ops.Pages;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Pages;

[TestFixture]
internal sealed partial class BoardPageTests
{
    [Test]
    public async Task The_board_counts_what_stands_how()
    {
        await using var host = await PagesBench.StartAsync();
        await host.DeliveredAsync("1");
        await host.DeliveredAsync("2");
        await host.PutOffAsync("3");
        await host.HeldAsync("4");
        await host.Ledger.ReceivedAsync("5");

        var (_, html) = await host.PageAsync("/");

        Assert.That(Figures(html), Is.EqualTo(new[] { "Under way 1", "Put off 1", "Unknown outcome 0", "Held: needs you 1", "Delivered 2", "Failed 0", "Cancelled 0" }));
    }

    [Test]
    public async Task It_leads_to_the_one_that_is_open_longest()
    {
        await using var host = await PagesBench.StartAsync();
        await host.DeliveredAsync("1");
        var oldest = await host.HeldAsync("2");
        await host.Ledger.ReceivedAsync("3");

        var (_, html) = await host.PageAsync("/");

        Assert.That(html[html.IndexOf("oldest-heading", StringComparison.Ordinal)..], Does.Contain($"/referrals/{oldest.Id}"));
    }

    [Test]
    public async Task What_came_in_each_hour_is_drawn_and_told()
    {
        await using var host = await PagesBench.StartAsync();
        await host.Ledger.ReceivedAsync("old");
        host.Clock.Advance(TimeSpan.FromHours(30));
        await host.DeliveredAsync("1");
        host.Clock.Advance(TimeSpan.FromHours(2));
        await host.HeldAsync("2");

        var (_, html) = await host.PageAsync("/");

        Assert.That(html, Does.Contain("2 came in the last 24 hours: 1 delivered, 0 open, 1 held or failed, 0 cancelled."));
    }

    [Test]
    public async Task One_look_serves_everybody_for_a_while()
    {
        await using var host = await PagesBench.StartAsync();
        await host.PageAsync("/");
        await host.HeldAsync("1");

        var (_, soon) = await host.PageAsync("/");
        host.Clock.Advance(BoardLook.Kept);
        var (_, later) = await host.PageAsync("/");

        Assert.That((Figures(soon)[3], Figures(later)[3]), Is.EqualTo(("Held: needs you 0", "Held: needs you 1")));
    }

    [Test]
    public async Task Every_page_says_who_is_paused()
    {
        await using var host = await PagesBench.StartAsync();
        await host.Ledger.Pauses.PauseAsync(["recipient:urology-east"], CancellationToken.None);

        var (_, html) = await host.PageAsync("/runbook");

        Assert.That(html, Does.Contain("Paused by hand: urology-east."));
    }

    [TestCase("/")]
    [TestCase("/referrals")]
    [TestCase("/referrals?state=lost")]
    [TestCase("/referrals/nobody")]
    public async Task Every_page_is_sent_with_what_keeps_strangers_out_of_it(string path)
    {
        await using var host = await PagesBench.StartAsync();

        using var answer = await host.Http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Multiple(() =>
        {
            Assert.That(answer.Headers.GetValues("Content-Security-Policy"), Is.EqualTo(new[] { PageHeaders.Policy }));
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
            Assert.That(answer.Headers.GetValues("Referrer-Policy"), Is.EqualTo(new[] { "same-origin" }));
            Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
            Assert.That(answer.Headers.Contains("blazor-enhanced-nav"), Is.False);
        });
    }

    [Test]
    public async Task A_ledger_that_is_away_is_a_page_that_says_when_to_come_again()
    {
        await using var host = await OpsHost.StartAsync(extend: app => app.Use((HttpContext _, RequestDelegate _) => throw new LedgerUnavailableException("ledger-full", new IOException())));

        using var answer = await host.Http.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Multiple(async () =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(answer.Headers.RetryAfter?.Delta, Is.Not.Null);
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("<h1>Not available just now</h1>"));
        });
    }

    [TestCase("ops.css", "text/css")]
    [TestCase("ops.js", "text/javascript")]
    [TestCase("icon.svg", "image/svg+xml")]
    public async Task An_asset_is_asked_about_and_sent_once(string name, string type)
    {
        await using var host = await PagesBench.StartAsync();
        using var first = await host.Http.GetAsync(new Uri($"/assets/{name}", UriKind.Relative));
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/assets/{name}");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await host.Http.SendAsync(again);

        Assert.That((first.Content.Headers.ContentType?.MediaType, second.StatusCode), Is.EqualTo((type, HttpStatusCode.NotModified)));
    }

    private static string[] Figures(string html)
        => [.. Tile().Matches(html).Select(tile => $"{WebUtility.HtmlDecode(tile.Groups[1].Value).Trim()} {tile.Groups[2].Value}")];

    [GeneratedRegex("""<a class="tile".*?</span>\s*([^<]+)</span>.*?class="figure">([\d,]+)<""", RegexOptions.Singleline)]
    private static partial Regex Tile();
}
