using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.SignIn;

/// <summary>A page elsewhere in the same browser can make it send what it likes, and must not act so.</summary>
public sealed class FormCheckTests
{
    private const string Secret = "operator-of-this-test";

    private RunningService _service = null!;
    private Browser _browser = null!;

    private async Task StartAsync(params (string Key, string Value)[] settings)
    {
        _service = await RunningService.StartAsync(settings.ToDictionary(s => s.Key, s => s.Value));
        _browser = new Browser(_service.Http.BaseAddress!);
    }

    [TearDown]
    public async Task End()
    {
        _browser.Dispose();
        await _service.DisposeAsync();
    }

    [TestCase("/sign-in")]
    [TestCase("/referrals/0b2c1f2e-0000-4000-8000-000000000001/retry")]
    [TestCase("/partners/ehr/main/pause")]
    [TestCase("/something-new")]
    public async Task Without_keys_a_form_that_no_page_of_ours_made_does_nothing(string action)
    {
        await StartAsync();

        Assert.That((await _browser.PostAsync(action, [("a", "b")])).Status, Is.EqualTo(400));
    }

    [TestCase("Sec-Fetch-Site", "cross-site")]
    [TestCase("Sec-Fetch-Site", "same-site")]
    [TestCase("Origin", "https://evil.example")]
    [TestCase("Host", "rebound.example")]
    [TestCase("X-Forwarded-Host", "127.0.0.1")]
    public async Task Without_keys_no_other_site_acts_even_with_a_good_form(string header, string value)
    {
        await StartAsync();
        var form = (await _browser.GetAsync("/sign-in")).Text;

        var refused = await _browser.PostAsync("/partners/ehr/main/pause", [], (header, value));

        Assert.That((refused.Status, form), Is.EqualTo((403, "")));
    }

    [TestCase("/", "rebound.example", 403)]
    [TestCase("/referrals", "rebound.example:8080", 403)]
    [TestCase("/", "localhost", 200)]
    public async Task Without_keys_a_page_is_shown_to_this_machine_alone(string path, string host, int status)
    {
        await StartAsync();

        Assert.That((await _browser.GetAsync(path, ("Host", host))).Status, Is.EqualTo(status));
    }

    [TestCase("navigate", "document", 200)]
    [TestCase("navigate", "iframe", 403)]
    [TestCase("no-cors", "image", 403)]
    [TestCase("cors", "empty", 403)]
    public async Task Without_keys_a_link_elsewhere_leads_to_a_page_and_nothing_else_does(string mode, string destination, int status)
    {
        await StartAsync();

        var answer = await _browser.GetAsync("/runbook", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination));

        Assert.That(answer.Status, Is.EqualTo(status));
    }

    [Test]
    public async Task With_a_session_a_form_of_another_session_does_nothing()
    {
        await StartAsync(("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "operator"));
        await _browser.SignInAsync(Secret);
        var old = (await _browser.GetAsync("/")).Form("/sign-out");
        await _browser.SignInAsync(Secret);

        Assert.Multiple(async () =>
        {
            Assert.That((await _browser.PostAsync("/sign-out", old)).Status, Is.EqualTo(400));
            Assert.That((await _browser.SubmitAsync("/", "/sign-out")).Status, Is.EqualTo(303));
        });
    }

    [Test]
    public async Task With_a_session_another_sites_page_does_nothing()
    {
        await StartAsync(("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "operator"));
        await _browser.SignInAsync(Secret);
        var form = (await _browser.GetAsync("/")).Form("/sign-out");

        var refused = await _browser.PostAsync("/sign-out", form, ("Sec-Fetch-Site", "cross-site"));

        Assert.That((refused.Status, refused.Type), Is.EqualTo((403, "text/html")));
    }

    [Test]
    public async Task Where_browsers_come_over_https_cookies_travel_over_nothing_else()
    {
        await StartAsync(("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "operator"), ("PublicUrl", "https://referrals.example.org"));
        var page = await _browser.GetAsync("/sign-in");
        var cookie = page.SetCookies.Single().Split(';')[0];

        var signedIn = await _browser.PostAsync("/sign-in", [.. page.Form("/sign-in"), ("secret", Secret)], ("Host", "referrals.example.org"), ("Cookie", cookie));

        var attributes = signedIn.SetCookies.Single(c => c.StartsWith("__Host-referral-session=", StringComparison.Ordinal)).Split("; ").Skip(1);
        Assert.Multiple(() =>
        {
            Assert.That(cookie, Does.StartWith("__Host-referral-form="));
            Assert.That(attributes, Is.EquivalentTo(new[] { "path=/", "secure", "samesite=strict", "httponly" }));
            Assert.That(signedIn.Strict, Is.EqualTo("max-age=31536000"));
        });
    }

    [TestCase("referrals.example.org", "", 200, TestName = "The sign in is shown at PublicUrl")]
    [TestCase("referrals.example.org:8080", "", 403, TestName = "Past the proxy no key is asked for")]
    [TestCase("10.0.0.7", "", 403, TestName = "At the bare address no key is asked for")]
    [TestCase("rewritten.internal", "none", 200, TestName = "A proxy that writes another Host is no matter where the browser says that the way is safe")]
    public async Task Where_the_key_would_travel_in_clear_nobody_is_asked_for_it(string host, string site, int status)
    {
        await StartAsync(("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "operator"), ("PublicUrl", "https://referrals.example.org"));

        var page = await (site.Length == 0 ? _browser.GetAsync("/sign-in", ("Host", host)) : _browser.GetAsync("/sign-in", ("Host", host), ("Sec-Fetch-Site", site)));

        Assert.That((page.Status, page.Text.Contains("name=\"secret\"", StringComparison.Ordinal)), Is.EqualTo((status, status == 200)));
    }

    [Test]
    public async Task A_ledger_that_is_away_is_told_on_a_page_and_nobody_is_signed_in()
    {
        await StartAsync(("Api:Keys:ops:Secret", Secret), ("Api:Keys:ops:Role", "operator"));
        var form = (await _browser.GetAsync("/sign-in")).Form("/sign-in");
        await using var held = await _service.HoldLedgerAsync();

        var refused = await _browser.PostAsync("/sign-in", [.. form, ("secret", Secret)]);

        Assert.That((refused.Status, refused.Type, _browser.Cookie("referral-session")), Is.EqualTo((503, "text/html", (string?)null)));
    }

    [Test]
    public async Task A_form_that_is_too_long_is_not_read()
    {
        await StartAsync();

        Assert.That((await _browser.PostAsync("/sign-in", [("a", new string('b', 2 << 20))])).Status, Is.EqualTo(413));
    }
}
