using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.SignIn;

/// <summary>Signing in with a key, over real HTTP: who gets in, for how long, and what ends it.</summary>
public sealed class KeySignInTests
{
    private const string Viewer = "viewer-of-this-test";
    private const string Operator = "operator-of-this-test";
    private const string Privacy = "privacy-of-this-test";

    private ManualTimeProvider _clock = null!;
    private RunningService _service = null!;
    private Browser _browser = null!;

    [SetUp]
    public async Task Start()
    {
        _clock = new ManualTimeProvider();
        _service = await RunningService.StartAsync(
            new Dictionary<string, string>
            {
                ["Api:Keys:board:Secret"] = Viewer, ["Api:Keys:board:Role"] = "viewer", ["Api:Keys:ops:Secret"] = Operator, ["Api:Keys:ops:Role"] = "operator",
                ["Api:Keys:dpo:Secret"] = Privacy, ["Api:Keys:dpo:Role"] = "privacy",
            },
            _clock);
        _browser = new Browser(_service.Http.BaseAddress!);
    }

    [TearDown]
    public async Task End()
    {
        _browser.Dispose();
        await _service.DisposeAsync();
    }

    [TestCase("/", "/sign-in")]
    [TestCase("/runbook", "/sign-in?return=%2Frunbook")]
    [TestCase("/referrals?q=a%20b&state=held", "/sign-in?return=%2Freferrals%3Fq%3Da%2520b%26state%3Dheld")]
    public async Task A_page_without_a_session_leads_to_the_sign_in_and_back(string path, string signIn)
    {
        var sent = await _browser.GetAsync(path);
        Assert.That((sent.Status, sent.Location), Is.EqualTo((303, signIn)));

        var signedIn = await _browser.SignInAsync(Operator, sent.Location!);

        Assert.That((signedIn.Status, signedIn.Location), Is.EqualTo((303, path)));
    }

    [Test]
    public async Task The_page_then_says_who_is_signed_in()
    {
        await _browser.SignInAsync(Operator);

        var board = await _browser.GetAsync("/");

        Assert.That((board.Status, board.Text.Contains("<strong>ops</strong>", StringComparison.Ordinal)), Is.EqualTo((200, true)));
    }

    [Test]
    public async Task A_wrong_key_is_told_at_the_field_and_recorded()
    {
        var refused = await _browser.SignInAsync("wrong-" + Operator);

        var recorded = await _service.Services.GetRequiredService<OperatorActions>().ListAsync(new OperatorActionQuery(), CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That((refused.Status, refused.SetCookies.Any(c => c.Contains("session", StringComparison.Ordinal))), Is.EqualTo((422, false)));
            Assert.That(refused.Text, Does.Contain("No key has this secret").And.Not.Contain(Operator));
            Assert.That(recorded.Select(a => (a.Action, a.Actor, a.Outcome)), Is.EqualTo(new[] { ("sign-in", "unknown", "unauthorized") }));
        });
    }

    [Test]
    public async Task Who_guesses_waits_longer_each_time_and_who_knows_does_not()
    {
        for (var i = 0; i < 5; i++) Assert.That((await _browser.SignInAsync($"wrong-{i}-of-this-test")).Status, Is.EqualTo(422), "five from an address are free");

        var waits = new List<double?>();
        for (var i = 0; i < 3; i++)
        {
            waits.Add((await _browser.SignInAsync($"too-soon-{i}-of-this-test")).RetryAfter?.TotalSeconds);
            _clock.Advance(TimeSpan.FromSeconds(waits[^1] ?? 0));
            await _browser.SignInAsync($"again-wrong-{i}-of-this-test");
        }

        Assert.That(waits, Is.EqualTo(new double?[] { 1, 2, 4 }));
        Assert.That((await _browser.SignInAsync(Operator)).Status, Is.EqualTo(303), "one person's wrong keys lock nobody else behind the same proxy out");
    }

    [Test]
    public async Task A_right_key_does_not_set_those_free_who_guess_from_its_address()
    {
        for (var i = 0; i < 6; i++) await _browser.SignInAsync($"wrong-{i}-of-this-test");
        using var colleague = new Browser(_browser.Service);
        await colleague.SignInAsync(Operator);

        Assert.That((await _browser.SignInAsync("wrong-again-of-this-test")).Status, Is.EqualTo(429));
    }

    [TestCase(14, 200)]
    [TestCase(16, 303)]
    public async Task A_session_ends_a_quarter_of_an_hour_after_it_was_last_used(int idle, int status)
    {
        await _browser.SignInAsync(Operator);
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(14));
            Assert.That((await _browser.GetAsync("/runbook")).Status, Is.EqualTo(200), "it is in use");
        }

        _clock.Advance(TimeSpan.FromMinutes(idle));

        Assert.That((await _browser.GetAsync("/runbook")).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task However_busy_a_session_ends_after_twelve_hours()
    {
        await _browser.SignInAsync(Operator);
        var busy = TimeSpan.Zero;
        while (busy < TimeSpan.FromHours(24) && (await _browser.GetAsync("/runbook")).Status == 200)
        {
            busy += TimeSpan.FromMinutes(10);
            _clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.That(busy, Is.EqualTo(TimeSpan.FromHours(12)));
    }

    [Test]
    public async Task A_copied_cookie_opens_nothing_once_its_owner_has_signed_out()
    {
        await _browser.SignInAsync(Operator);
        using var thief = new Browser(_browser.Service);
        thief.Cookies.Add(_browser.Service, new Cookie("referral-session", _browser.Cookie("referral-session")));
        Assert.That((await thief.GetAsync("/runbook")).Status, Is.EqualTo(200), "it was a good copy");

        var left = await _browser.SubmitAsync("/", "/sign-out");

        Assert.Multiple(async () =>
        {
            Assert.That((left.Status, left.Location, _browser.Cookie("referral-session")), Is.EqualTo((303, "/sign-in", (string?)null)));
            Assert.That((await thief.GetAsync("/runbook")).Status, Is.EqualTo(303));
        });
    }

    [Test]
    public async Task The_cookie_is_for_this_host_alone_and_no_script_or_other_site_has_it()
    {
        var signedIn = await _browser.SignInAsync(Operator);

        Assert.That(signedIn.SetCookies.Single(c => c.StartsWith("referral-session=", StringComparison.Ordinal)).Split("; ").Skip(1),
            Is.EquivalentTo(new[] { "path=/", "samesite=strict", "httponly" }));
    }

    [TestCase("/api/referrals", 200)]
    [TestCase("/health/live", 200)]
    [TestCase("/api/referrals/1/package", 403)]
    [TestCase("/api/referrals/1/manifest", 403)]
    public async Task A_session_reads_what_its_role_may(string path, int status)
    {
        await _browser.SignInAsync(Viewer);

        Assert.That((await _browser.GetAsync(path)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task A_session_does_nothing_over_the_API()
    {
        await _browser.SignInAsync(Operator);

        var refused = await _browser.PostAsync("/api/partners/main/pause", []);

        Assert.That(refused.Status, Is.EqualTo(401));
    }

    [TestCase("package")]
    [TestCase("manifest")]
    public async Task A_session_has_no_record_without_saying_what_for_but_a_key_has(string part)
    {
        await _browser.SignInAsync(Privacy);
        var path = $"/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/{part}";

        var bySession = await _browser.GetAsync(path);
        var byKey = await _browser.GetAsync(path, ("Authorization", $"Bearer {Privacy}"));

        var recorded = await _service.Services.GetRequiredService<OperatorActions>().ListAsync(new OperatorActionQuery(), CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That((bySession.Status, bySession.Text.Contains("say what for", StringComparison.Ordinal), byKey.Status), Is.EqualTo((403, true, 404)));
            Assert.That(recorded.Select(a => $"{a.Action} {a.Actor} {a.Outcome}"), Is.EqualTo(new[] { $"read-{part} dpo forbidden", "sign-in dpo done" }));
        });
    }

    [TestCase(Viewer, false)]
    [TestCase(Operator, false)]
    [TestCase(Privacy, true)]
    public async Task A_ticket_is_shown_to_role_privacy_alone(string secret, bool shown)
    {
        var actions = _service.Services.GetRequiredService<OperatorActions>();
        await actions.AppendAsync(
            new() { Id = Guid.CreateVersion7(_clock.GetUtcNow()), At = _clock.GetUtcNow(), Actor = "dpo", Role = "privacy", Action = OperatorActs.Reveal, Reason = "patient-request", Ticket = "MRN-777" }, CancellationToken.None);
        await _browser.SignInAsync(secret);

        var (page, api) = (await _browser.GetAsync("/audit"), await _browser.GetAsync("/api/actions"));

        Assert.That((page.Text.Contains("MRN-777", StringComparison.Ordinal), api.Text.Contains("MRN-777", StringComparison.Ordinal)), Is.EqualTo((shown, shown)));
    }

    [Test]
    public async Task A_role_that_is_too_small_is_told_on_a_page()
    {
        await _browser.SignInAsync(Viewer);

        var refused = await _browser.PostAsync("/referrals/0b2c1f2e-0000-4000-8000-000000000001/retry", []);

        Assert.That((refused.Status, refused.Type, refused.Text.Contains("needs the role operator", StringComparison.Ordinal)), Is.EqualTo((403, "text/html", true)));
    }

    [TestCase("https://evil.example/", "/")]
    [TestCase("//evil.example/", "/")]
    [TestCase("/\\evil.example/", "/")]
    [TestCase("/\t/evil.example/", "/")]
    [TestCase("javascript:alert(1)", "/")]
    [TestCase("/sign-out", "/")]
    [TestCase("/referrals/1?a=//b", "/referrals/1?a=//b")]
    public async Task Signing_in_leads_nowhere_else(string wanted, string location)
    {
        var form = (await _browser.GetAsync("/sign-in")).Form("/sign-in");

        var signedIn = await _browser.PostAsync("/sign-in", [.. form.Where(f => f.Name != "return"), ("return", wanted), ("secret", Operator)]);

        Assert.That((signedIn.Status, signedIn.Location), Is.EqualTo((303, location)));
    }

    [TestCase("cross-site")]
    [TestCase("same-site")]
    public async Task A_link_on_another_site_leads_on_by_a_page_of_ours(string site)
    {
        var onward = await _browser.GetAsync("/sign-in?return=%2Freferrals%3Fstate%3Dheld", ("Sec-Fetch-Site", site));

        Assert.That(onward.Text, Does.Contain("<meta http-equiv=\"refresh\" content=\"0;url=/referrals?state=held\" />"));
    }

    [Test]
    public async Task What_a_page_listens_to_ends_when_nobody_has_used_the_session()
    {
        await _browser.SignInAsync(Viewer);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Cookie", $"referral-session={_browser.Cookie("referral-session")}");
        using var live = await http.GetAsync(new Uri(_browser.Service, "/live"), HttpCompletionOption.ResponseHeadersRead);
        await using var events = await live.Content.ReadAsStreamAsync();
        var reading = ReadAsync(events);

        _clock.Advance(TimeSpan.FromMinutes(16));

        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        using var again = await http.GetAsync(new Uri(_browser.Service, "/live"), HttpCompletionOption.ResponseHeadersRead);
        Assert.That(((int)live.StatusCode, (int)again.StatusCode), Is.EqualTo((200, 401)));
    }

    [Test]
    public async Task A_key_is_not_typed_in_where_the_way_is_not_encrypted()
    {
        var form = (await _browser.GetAsync("/sign-in")).Form("/sign-in");

        var refused = await _browser.PostAsync("/sign-in", [.. form, ("secret", Operator)], ("Host", "referrals.example.org"));

        Assert.That((refused.Status, refused.Text.Contains("PublicUrl", StringComparison.Ordinal)), Is.EqualTo((403, true)));
    }

    private static async Task ReadAsync(Stream events)
    {
        try
        {
            await events.CopyToAsync(Stream.Null);
        }
        catch (HttpRequestException)
        {
            // Ended without a proper end: as good.
        }
        catch (IOException)
        {
            // The same, seen by the socket.
        }
    }
}
