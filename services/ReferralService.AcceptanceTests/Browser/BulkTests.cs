using Microsoft.Playwright;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>From a group of problems to all of them done, in a real browser.</summary>
[Category("Browser")]
internal sealed class BulkTests : GuardedTest
{
    private const string Group = "/problems?partner=ehr%3Amain&code=recipient-unknown";

    private static readonly System.Text.RegularExpressions.Regex BulkAddress = new("/bulk/[0-9a-f-]{36}$");

    [Test]
    public async Task A_few_are_retried_by_two_clicks_and_a_double_click_is_one_act([Values("desk", "plain")] string how)
    {
        var ids = await GuardedService.HeldAsync(2, $"few-{how}");
        var page = await OpenAsAsync("operator", $"/referrals?q={ids[0]}", LookOf(how));
        await page.Locator("summary", new PageLocatorOptions { HasText = "Do something with all that match" }).ClickAsync();
        await PreviewAsync(page, "retry");
        var token = page.Url;
        Assert.That(await page.Locator("#confirm").CountAsync(), Is.Zero, "so few are begun by a click");

        await page.Locator("form[action$='/run'] button").DblClickAsync();
        await UntilAsync(page, "Done");

        var acts = await OfBulkAsync(token);
        Assert.That(acts, Is.EquivalentTo(new[] { "bulk-retry operator", "retry operator" }));
    }

    [Test]
    public async Task More_than_twenty_need_their_number_typed_and_are_then_done()
    {
        await GuardedService.HeldAsync(21, "many");
        var page = await OpenAsAsync("operator", "/problems");
        await page.Locator("li.problem a", new PageLocatorOptions { HasText = "recipient-unknown" }).ClickAsync();
        await PreviewAsync(page, "retry");
        var preview = await FaultsAsync(page, "bulk-preview-typed");
        Expected = one => one.StartsWith("400: /bulk/", StringComparison.Ordinal) || one.Contains("status of 400", StringComparison.Ordinal);

        await page.FillAsync("#confirm", "3");
        await page.ClickAsync("form[action$='/run'] button");
        var fault = await page.Locator(".fault").TextContentAsync();
        var number = System.Text.RegularExpressions.Regex.Match(await page.Locator("label[for=confirm]").TextContentAsync() ?? "", "[0-9]+").Value;
        await page.FillAsync("#confirm", number);
        await page.ClickAsync("form[action$='/run'] button");
        await UntilAsync(page, "Done");

        Assert.Multiple(async () =>
        {
            Assert.That(preview, Is.Empty);
            Assert.That(fault, Does.Contain($"Type {number}, the number of referrals"));
            Assert.That(await page.Locator("progress").GetAttributeAsync("value"), Is.EqualTo(number));
            Assert.That(await page.TextContentAsync("#progress"), Does.Contain("operator"));
            Assert.That(await page.Locator("#stop button").CountAsync(), Is.Zero, "nothing is left to call off");
        });
    }

    [Test]
    public async Task What_is_called_off_leaves_the_rest_as_it_was()
    {
        await GuardedService.HeldAsync(120, "stopped");
        var page = await OpenAsAsync("operator", Group);
        await PreviewAsync(page, "cancel");
        var number = System.Text.RegularExpressions.Regex.Match(await page.Locator("label[for=confirm]").TextContentAsync() ?? "", "[0-9]+").Value;
        await page.FillAsync("#confirm", number);
        await page.ClickAsync("form[action$='/run'] button");

        await page.ClickAsync("form[action$='/cancel'] button");
        await UntilAsync(page, "Called off");

        Assert.That(await page.TextContentAsync("#progress"), Does.Contain("called off before its turn"));
    }

    [Test]
    public async Task With_the_keyboard_alone_a_problem_is_reached_and_its_referrals_walked()
    {
        await GuardedService.HeldAsync(2, "walked");
        var page = await OpenAsAsync("operator", "/problems");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/problems?**");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/referrals/*");
        var first = page.Url;

        await page.Keyboard.PressAsync("j");
        await page.WaitForURLAsync(url => url != first);
        await page.Keyboard.PressAsync("k");
        await page.WaitForURLAsync(first);

        Assert.That(await page.TextContentAsync("nav[aria-label='Within the problem']"), Does.Contain("1 of "));
    }

    private static async Task PreviewAsync(IPage page, string action)
    {
        await page.SelectOptionAsync("#bulk-action", action);
        await page.ClickAsync("form[action='/bulk/preview'] button");
        await page.WaitForURLAsync(BulkAddress);
    }

    /// <summary>Until its heading says so; without script by looking again.</summary>
    private static async Task UntilAsync(IPage page, string says)
    {
        await page.Locator("#far").WaitForAsync();
        await Service.UntilAsync(says, async () =>
        {
            if ((await page.Locator("#far").TextContentAsync())?.Contains(says, StringComparison.Ordinal) == true)
            {
                return true;
            }

            await page.ReloadAsync();
            return false;
        });
    }

    private static async Task<string[]> OfBulkAsync(string url)
    {
        var acts = await System.Net.Http.Json.HttpClientJsonExtensions.GetFromJsonAsync<System.Text.Json.JsonElement>(Service.Http, "/api/actions?limit=200");
        return [.. acts.GetProperty("items").EnumerateArray().Where(act => act.TryGetProperty("bulk", out var bulk) && bulk.GetString() is { } token && url.Contains(token, StringComparison.Ordinal))
            .Select(act => $"{act.GetProperty("action").GetString()} {act.GetProperty("actor").GetString()}")];
    }
}
