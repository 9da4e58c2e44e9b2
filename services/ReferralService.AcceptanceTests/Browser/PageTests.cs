using Microsoft.Playwright;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>The pages in a real browser: at a desk, in the dark, on a phone, without script, by keyboard alone.</summary>
[Category("Browser")]
internal sealed class PageTests : BrowserTest
{
    private static readonly string[] Pages =
        ["/", "/referrals", "/referrals?q=recipient-unknown", "/referrals?state=nothing", "/referrals/{delivered}", "/referrals/{held}", "/referrals/{failed}", "/referrals/{put-off}", "/problems", "{group}", "/bulk/{preview}", "/bulk/{done}",
         "/partners", "/dead-letters", "/audit", "/runbook", "/nowhere.html"];

    [Test]
    public async Task Each_page_is_readable_by_everybody([ValueSource(nameof(Pages))] string page, [Values("desk", "dark", "phone", "plain")] string how)
    {
        // The status of a filter that cannot be meant, and of a page that is not there.
        Expected = one => page is "/referrals?state=nothing" or "/nowhere.html" && (one.StartsWith("40", StringComparison.Ordinal) || one.Contains("status of 40", StringComparison.Ordinal));
        var opened = await OpenAsync(Address(page), LookOf(how));
        var faults = await FaultsAsync(opened, $"{string.Concat(page.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-') switch { "" => "board", var name => name }}-{how}");

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public async Task Every_link_of_every_page_leads_somewhere()
    {
        var links = new HashSet<string>();
        foreach (var path in Pages.Where(page => page is not ("/nowhere.html" or "/referrals?state=nothing")))
        {
            var page = await OpenAsync(Address(path));
            links.UnionWith(await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('a[href]')].map(a => a.href).filter(h => h.startsWith(location.origin)).map(h => h.split('#')[0])"));
            await page.CloseAsync();
        }

        var dead = new List<string>();
        foreach (var link in links)
        {
            using var answer = await BrowserStage.Service.Http.GetAsync(link);
            if (!answer.IsSuccessStatusCode)
            {
                dead.Add($"{(int)answer.StatusCode} {new Uri(link).PathAndQuery}");
            }
        }

        Assert.That(dead, Is.Empty);
    }

    [Test]
    public async Task A_fragment_names_something_that_is_there()
    {
        var page = await OpenAsync(Address("/referrals/{held}"));

        await page.ClickAsync(".why a.code");

        Assert.That(await page.Locator(":target code").First.TextContentAsync(), Is.EqualTo("recipient-unknown"));
    }

    [Test]
    public async Task A_referral_put_off_says_since_when_why_and_what_helps()
    {
        var page = await OpenAsync(Address("/referrals/{put-off}"));

        Assert.That(await page.TextContentAsync("section.why"), Does.Contain("recipient-unreachable").And.Contain("It is late since").And.Contain("The next try is").And.Contain("To do"));
    }

    [Test]
    public async Task The_board_counts_what_has_failed_among_the_problems()
    {
        var page = await OpenAsync("/");

        Assert.That(await page.TextContentAsync("section[aria-labelledby=problems-heading]"), Does.Contain("recipient-unknown").And.Contain("refused"));
    }

    [Test]
    public async Task With_the_keyboard_alone_one_gets_from_the_board_to_a_held_referral()
    {
        var page = await OpenAsync("/");
        await page.Keyboard.PressAsync("Tab");
        var first = await FocusedAsync(page);
        await page.Keyboard.PressAsync("Enter");
        for (var i = 0; i < 40 && !(await FocusedAsync(page)).Contains("Held", StringComparison.Ordinal); i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/referrals?state=held");
        for (var i = 0; i < 60 && !(await FocusedAsync(page)).Contains("ServiceRequest/", StringComparison.Ordinal); i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/referrals/*-*");

        Assert.Multiple(async () =>
        {
            Assert.That(first, Is.EqualTo("Skip to content"));
            Assert.That(await page.Locator(".why").CountAsync(), Is.EqualTo(1), "the page says why it is held");
        });
    }

    [Test]
    public async Task What_is_searched_for_is_found_and_said()
    {
        var page = await OpenAsync("/referrals");
        await page.FillAsync("#q", BrowserStage.Ids["failed"]);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/referrals?q=*");

        Assert.Multiple(async () =>
        {
            Assert.That(await page.Locator("tbody tr").CountAsync(), Is.EqualTo(1));
            Assert.That(await page.Locator("#list").TextContentAsync(), Does.Contain("Searched as: referral id or ServiceRequest id"));
        });
    }

    [Test]
    public async Task An_open_board_shows_what_comes_without_being_loaded_again()
    {
        var page = await OpenAsync("/");
        var delivered = page.Locator("a.tile", new PageLocatorOptions { HasText = "Delivered" }).Locator(".figure");
        await page.WaitForSelectorAsync("[data-live]:not([hidden])");
        var before = int.Parse(await delivered.TextContentAsync() ?? "0");

        await BrowserStage.Service.UntilStateAsync(await BrowserStage.SubmitAsync(720, "east"), "delivered");

        await page.WaitForFunctionAsync("before => [...document.querySelectorAll('a.tile')].some(t => t.textContent.includes('Delivered') && Number(t.querySelector('.figure').textContent) > before)", before);
    }

    [Test]
    public async Task Without_script_a_held_referral_is_sent_where_it_should_go()
    {
        var id = await BrowserStage.Service.SubmitAsync(BrowserStage.HeldOrder(721), null);
        await BrowserStage.Service.UntilStateAsync(id, "held");
        var page = await OpenAsync($"/referrals/{id}", Look.Plain);

        await page.SelectOptionAsync("#recipient-retry", "east");
        await page.ClickAsync("form[action$='/retry'] button");

        await BrowserStage.Service.UntilStateAsync(id, "delivered");
    }

    [Test]
    public async Task A_delivered_referral_travels_on_to_another_recipient()
    {
        var id = await BrowserStage.SubmitAsync(722, "west");
        await BrowserStage.Service.UntilStateAsync(id, "failed");
        var page = await OpenAsync($"/referrals/{id}");

        await page.SelectOptionAsync("#recipient-forward", "east");
        await page.ClickAsync("form[action$='/forward'] button");
        await page.WaitForURLAsync(url => url.Contains("/referrals/", StringComparison.Ordinal) && !url.Contains(id, StringComparison.Ordinal));

        await BrowserStage.Service.UntilStateAsync(new Uri(page.Url).Segments[^1], "delivered");
    }

    private static Task<string> FocusedAsync(IPage page) => page.EvaluateAsync<string>("() => document.activeElement?.matches('a, button') ? document.activeElement.textContent.trim() : ''");

    private static string Address(string page) => BrowserStage.Ids.Aggregate(page, (address, id) => address.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));
}
