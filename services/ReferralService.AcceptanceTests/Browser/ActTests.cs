using Microsoft.Playwright;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>What is done by hand on the pages, with script and without: the partners' switch, looking into a package, and the record of both.</summary>
[Category("Browser")]
internal sealed class ActTests : GuardedTest
{
    [Test]
    public async Task A_paused_partner_says_so_where_its_referral_waits_and_resuming_it_mends_that([Values("desk", "plain")] string how)
    {
        var page = await OpenAsAsync("operator", "/partners", LookOf(how));
        await page.ClickAsync("form[action='/partners/recipient/east/pause'] button");
        await page.WaitForURLAsync("**/partners?done=pause");
        var paused = await FaultsAsync(page, $"partners-paused-{how}");
        var id = await Service.SubmitAsync(BrowserStage.Scene.WriteOrder(how == "desk" ? 751 : 752), "east");
        await Service.UntilAsync("waits", async () =>
        {
            await page.GotoAsync($"{Home}/referrals/{id}");
            return await page.Locator("#paused-heading").CountAsync() == 1;
        });
        var why = await page.TextContentAsync("#standing");
        var waiting = await FaultsAsync(page, $"referral-paused-{how}");
        var counts = await page.Locator("#standing [data-countdown]").CountAsync();

        await page.ClickAsync("section.why a[href='/partners#recipient-east']");
        await page.ClickAsync("form[action='/partners/recipient/east/resume'] button");
        await page.WaitForURLAsync("**/partners?done=resume");
        await Service.UntilStateAsync(id, "delivered");
        await page.GotoAsync($"{Home}/audit");

        Assert.Multiple(async () =>
        {
            Assert.That(paused, Is.Empty);
            Assert.That(waiting, Is.Empty);
            Assert.That(why, Does.Contain("waits until recipient east is resumed").And.Contain("Why it waits: recipient east is paused"));
            Assert.That(counts, Is.Zero, "nothing is counted down to");
            Assert.That(await page.Locator("tbody tr").First.TextContentAsync(), Does.Contain("resumed").And.Contain("recipient:east").And.Contain("operator"));
        });
    }

    [Test]
    public async Task A_package_is_shown_for_a_reason_and_the_look_is_on_record([Values("desk", "dark", "phone", "plain")] string how)
    {
        var id = await Service.SubmitAsync(BrowserStage.Scene.WriteOrder(753), "east");
        await Service.UntilStateAsync(id, "delivered");
        var page = await OpenAsAsync("privacy", $"/referrals/{id}", LookOf(how));

        await page.SelectOptionAsync("#reveal-reason", "delivery-problem");
        await page.FillAsync("#reveal-ticket", $"T-{how}");
        await page.Locator("button", new PageLocatorOptions { HasText = "Show what is in it" }).ClickAsync();
        await page.WaitForURLAsync("**/reveal");
        var types = await page.Locator(".tree > li > details > summary").AllTextContentsAsync();
        var faults = await FaultsAsync(page, $"reveal-{how}");
        await page.GotoAsync($"{Home}/audit?referral={id}");

        Assert.Multiple(async () =>
        {
            Assert.That(types, Has.Some.StartsWith("Patient").And.Some.StartsWith("Observation").And.Some.StartsWith("ServiceRequest"));
            Assert.That(faults, Is.Empty);
            Assert.That(await page.Locator("tbody tr").First.TextContentAsync(), Does.Contain("looked at the contents").And.Contain($"T-{how}").And.Contain("privacy"));
        });
    }

    [Test]
    public async Task Without_a_reason_nothing_of_a_package_is_shown()
    {
        Expected = one => one.StartsWith('4') || one.Contains("status of 4", StringComparison.Ordinal);
        var id = await Service.SubmitAsync(BrowserStage.Scene.WriteOrder(754), "east");
        await Service.UntilStateAsync(id, "delivered");
        var page = await OpenAsAsync("privacy", $"/referrals/{id}");

        await page.EvaluateAsync("() => document.querySelector('#reveal-reason').required = false");
        await page.Locator("button", new PageLocatorOptions { HasText = "Show what is in it" }).ClickAsync();
        await page.WaitForURLAsync("**/reveal");

        Assert.Multiple(async () =>
        {
            Assert.That(await page.Locator(".tree").CountAsync(), Is.Zero);
            Assert.That(await page.Locator(".fault").TextContentAsync(), Does.EndWith("Say what you need it for."));
        });
    }

    [Test]
    public async Task Without_a_broker_the_page_of_dead_letters_says_so()
        => Assert.That(await (await OpenAsAsync("operator", "/dead-letters")).TextContentAsync("main"), Does.Contain("There is no broker"));
}
