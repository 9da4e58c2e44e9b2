using Microsoft.Playwright;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>Signing in with a key, in a real browser, and what each role is offered.</summary>
[Category("Browser")]
internal sealed class SignInTests : GuardedTest
{
    [Test]
    public async Task The_form_is_readable_by_everybody([Values("desk", "dark", "phone", "plain")] string how)
        => Assert.That(await FaultsAsync(await OpenAsync("/sign-in", LookOf(how)), $"sign-in-{how}"), Is.Empty);

    [Test]
    public async Task Who_signs_in_comes_to_where_he_wanted_and_is_named([Values("desk", "plain")] string how)
    {
        var page = await OpenAsAsync("operator", "/referrals?state=held", LookOf(how));

        Assert.That(await page.Locator(".who strong").TextContentAsync(), Is.EqualTo("operator"));
    }

    [Test]
    public async Task A_wrong_key_is_refused_at_the_field_and_nothing_is_shown()
    {
        Expected = one => one.StartsWith("422: /sign-in", StringComparison.Ordinal) || one.Contains("status of 422", StringComparison.Ordinal);
        var page = await OpenAsync("/partners");

        await SignInAsync(page, "not-a-key-of-anybody");

        Assert.Multiple(async () =>
        {
            Assert.That(await page.Locator("#secret").GetAttributeAsync("aria-invalid"), Is.EqualTo("true"));
            Assert.That(await page.Locator(".fault").TextContentAsync(), Does.Contain("No key has this secret"));
            Assert.That(await page.InputValueAsync("#secret"), Is.Empty, "what was typed is not sent back");
            Assert.That(await FaultsAsync(page, "sign-in-refused"), Is.Empty);
        });
    }

    [Test]
    public async Task Who_signs_out_is_asked_again_and_his_old_session_opens_nothing()
    {
        var page = await OpenAsAsync("viewer", "/partners");
        var cookies = (await page.Context.CookiesAsync()).Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = Home }).ToArray();

        await page.ClickAsync("form[action='/sign-out'] button");
        await page.WaitForURLAsync("**/sign-in");
        await page.Context.AddCookiesAsync(cookies);
        await page.GotoAsync(Home + "/partners");

        Assert.That(new Uri(page.Url).PathAndQuery, Is.EqualTo("/sign-in?return=%2Fpartners"));
    }

    [Test]
    public async Task Who_may_only_look_is_offered_nothing_to_do()
    {
        var held = (await GuardedService.HeldAsync(1, "viewed"))[0];
        var page = await OpenAsAsync("viewer", "/");

        var offered = new List<string>();
        foreach (var path in (string[])["/", "/referrals?state=held", $"/referrals/{held}", "/problems", "/problems?partner=ehr%3Amain&code=recipient-unknown", "/partners", "/dead-letters", "/audit"])
        {
            await page.GotoAsync(Home + path);
            offered.AddRange((await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('form[method=post]')].map(f => new URL(f.action).pathname)")).Where(action => action != "/sign-out").Select(action => $"{path}: {action}"));
        }

        Assert.That(offered, Is.Empty);
    }

    [Test]
    public async Task Who_may_act_is_not_offered_what_is_a_patients()
    {
        var delivered = await Service.SubmitAsync(BrowserStage.Scene.WriteOrder(741), "east");
        await Service.UntilStateAsync(delivered, "delivered");

        var page = await OpenAsAsync("operator", $"/referrals/{delivered}");

        Assert.Multiple(async () =>
        {
            Assert.That(await page.Locator("form[action$='/reveal']").CountAsync(), Is.Zero);
            Assert.That(await page.Locator("form[action$='/forward'], form[action$='/retry'], form[action$='/cancel']").CountAsync(), Is.Zero, "nothing is left to do to it, and there is no other recipient");
            Assert.That(await page.TextContentAsync("main"), Does.Contain("shown to the role privacy"));
        });
    }
}
