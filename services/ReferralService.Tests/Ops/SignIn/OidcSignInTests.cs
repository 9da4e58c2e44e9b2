using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ops.SignIn.Browser;

namespace ReferralService.Tests.Ops.SignIn;

/// <summary>Signing in with an account of an identity provider, over real HTTP on both sides.</summary>
public sealed class OidcSignInTests
{
    private const string Secret = "operator-of-this-test";

    private OpenIdProvider _provider = null!;
    private RunningService _service = null!;
    private Browser _browser = null!;

    [SetUp]
    public async Task Start()
    {
        _provider = await OpenIdProvider.StartAsync();
        _service = await RunningService.StartAsync(_provider.Settings().Append(("Api:Keys:ops:Secret", Secret)).Append(("Api:Keys:ops:Role", "operator")).ToDictionary(s => s.Item1, s => s.Item2));
        _browser = new Browser(_service.Http.BaseAddress!);
    }

    [TearDown]
    public async Task End()
    {
        _browser.Dispose();
        await _service.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Test]
    public async Task Who_signs_in_at_the_provider_comes_back_to_the_page_that_was_asked_for()
    {
        var back = await ThereAndBackAsync("/runbook");
        Assert.That((back.Status, back.Location), Is.EqualTo((302, "/sign-in/arrived?return=%2Frunbook")));

        var arrived = await _browser.GetAsync(back.Location!);
        var page = await _browser.GetAsync("/runbook");

        var recorded = await RecordedAsync();
        Assert.Multiple(() =>
        {
            Assert.That(arrived.Text, Does.Contain("content=\"0;url=/runbook\""), "a page of ours leads on, so that the browser sends the cookie");
            Assert.That((page.Status, page.Text.Contains("<strong>oidc:ada (42)</strong> <span class=\"quiet\">operator</span>", StringComparison.Ordinal)), Is.EqualTo((200, true)));
            Assert.That(recorded, Is.EqualTo(new[] { ("oidc:ada (42)", "operator", "done") }));
        });
    }

    [Test]
    public async Task The_sign_in_page_offers_both_ways()
    {
        var page = await _browser.GetAsync("/sign-in?return=%2Frunbook");

        Assert.That((page.Text.Contains("href=\"/sign-in/account?return=%2Frunbook\"", StringComparison.Ordinal), page.Text.Contains("name=\"secret\"", StringComparison.Ordinal)), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task The_cookies_of_the_way_there_are_short_lived_and_for_this_host()
    {
        var there = await _browser.GetAsync("/sign-in/account?return=%2F");

        Assert.That(there.SetCookies, Has.Count.EqualTo(2).And.All.Contains("samesite=lax").And.All.Contains("httponly").And.All.Contains("expires="));
    }

    [TestCase("""{"roles":["referral-privacy","referral-viewers"]}""", 404, TestName = "The highest role that a value means counts")]
    [TestCase("""{"roles":"referral-viewers"}""", 403, TestName = "One value alone is a value")]
    public async Task Values_mean_roles(string claims, int revealed)
    {
        foreach (var (name, value) in JsonNode.Parse(claims)!.AsObject()) _provider.Account[name] = value?.DeepClone();
        await ThereAndBackAsync("/");

        Assert.That((await _browser.GetAsync("/api/of-no-row")).Status, Is.EqualTo(revealed));
    }

    [Test]
    public async Task An_account_without_a_role_is_told_what_it_lacks()
    {
        _provider.Account["roles"] = new JsonArray("ward-9");

        var back = await ThereAndBackAsync("/");

        var recorded = await RecordedAsync();
        Assert.Multiple(async () =>
        {
            Assert.That((back.Status, back.Type, back.Text.Contains("referral-ops (operator)", StringComparison.Ordinal)), Is.EqualTo((403, "text/html", true)));
            Assert.That((await _browser.GetAsync("/runbook")).Status, Is.EqualTo(303));
            Assert.That(recorded, Is.EqualTo(new[] { ("oidc:ada (42)", "none", "forbidden") }));
        });
    }

    [TestCase("""{"aud":"somebody-else"}""")]
    [TestCase("""{"iss":"https://evil.example/"}""")]
    [TestCase("""{"exp":1000000000,"nbf":999999000}""")]
    [TestCase("""{"nonce":"of-another-sign-in"}""")]
    public async Task A_word_of_the_providers_that_is_not_good_signs_nobody_in(string wrong)
    {
        _provider.Wrong = JsonNode.Parse(wrong)!.AsObject();

        var back = await ThereAndBackAsync("/");

        Assert.Multiple(async () =>
        {
            Assert.That((back.Status, back.Type), Is.EqualTo((403, "text/html")));
            Assert.That((await _browser.GetAsync("/runbook")).Status, Is.EqualTo(303));
        });
    }

    [Test]
    public async Task A_way_back_that_was_begun_in_another_browser_signs_nobody_in()
    {
        using var victim = new Browser(_browser.Service);
        var back = await AtProviderAsync("/");

        Assert.That((await victim.GetAsync(back)).Status, Is.EqualTo(403));
    }

    [Test]
    public async Task What_anybody_can_send_leaves_no_row_in_the_record()
    {
        for (var i = 0; i < 5; i++) Assert.That((await _browser.GetAsync("/sign-in/oidc?code=x&state=y")).Status, Is.EqualTo(403));
        using var victim = new Browser(_browser.Service);
        await victim.GetAsync(await AtProviderAsync("/"));

        Assert.That(await RecordedAsync(), Is.Empty);
    }

    [Test]
    public async Task Sign_ins_that_were_begun_here_and_failed_are_one_row_a_minute()
    {
        _provider.Wrong = new JsonObject { ["nonce"] = "of-another-sign-in" };

        for (var i = 0; i < 3; i++) await ThereAndBackAsync("/");

        Assert.That(await RecordedAsync(), Is.EqualTo(new[] { ("unknown", "none", "unauthorized") }));
    }

    [TestCase("/sign-in/oidc?code=x&state=y")]
    [TestCase("/sign-in/account?return=%2F")]
    public async Task The_way_there_and_back_has_its_share_of_calls(string path)
    {
        await using var narrow = await RunningService.StartAsync(_provider.Settings().Append(("Intake:RequestsPerSecond", "1")).ToDictionary(s => s.Item1, s => s.Item2));
        using var browser = new Browser(narrow.Http.BaseAddress!);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await browser.GetAsync(path)).Status));

        Assert.That(statuses, Does.Contain(429));
    }

    [Test]
    public async Task When_the_provider_is_down_it_is_said_and_a_key_still_signs_in()
    {
        _provider.Down = true;

        var there = await _browser.GetAsync("/sign-in/account?return=%2F");

        Assert.Multiple(async () =>
        {
            Assert.That((there.Status, there.Type, there.Text.Contains("identity provider does not answer", StringComparison.Ordinal)), Is.EqualTo((503, "text/html", true)));
            Assert.That((await _browser.SignInAsync(Secret)).Status, Is.EqualTo(303));
        });
    }

    [Test]
    public async Task When_the_provider_goes_down_on_the_way_it_is_said()
    {
        var back = await AtProviderAsync("/");
        _provider.Down = true;

        Assert.That((await _browser.GetAsync(back)).Status, Is.EqualTo(503));
    }

    [Test]
    public async Task A_new_key_of_the_providers_is_found()
    {
        await ThereAndBackAsync("/");
        _provider.ChangeKey();
        using var another = new Browser(_browser.Service);

        // The first may only find out that there is a new one.
        await ThereAndBackAsync("/", another);
        var back = await ThereAndBackAsync("/", another);

        Assert.That(back.Status, Is.EqualTo(302));
    }

    [Test]
    public async Task Signing_out_ends_it_as_any_session()
    {
        await ThereAndBackAsync("/");

        await _browser.SubmitAsync("/", "/sign-out");

        Assert.That((await _browser.GetAsync("/runbook")).Status, Is.EqualTo(303));
    }

    private async Task<Answer> ThereAndBackAsync(string page, Browser? browser = null) => await (browser ?? _browser).GetAsync(await AtProviderAsync(page, browser));

    /// <summary>To the provider; the address to which it leads back.</summary>
    private async Task<string> AtProviderAsync(string page, Browser? browser = null)
    {
        var there = await (browser ?? _browser).GetAsync($"/sign-in/account?return={Uri.EscapeDataString(page)}");
        Assert.That((there.Status, there.Location), Is.EqualTo((302, there.Location)), there.Text);
        using var atProvider = new Browser(_provider.Issuer);
        return (await atProvider.GetAsync(there.Location!)).Location!;
    }

    private async Task<IEnumerable<(string, string, string)>> RecordedAsync()
        => (await _service.Services.GetRequiredService<OperatorActions>().ListAsync(new OperatorActionQuery(), CancellationToken.None)).Select(a => (a.Actor, a.Role, a.Outcome));
}
