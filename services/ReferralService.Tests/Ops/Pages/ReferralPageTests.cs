using System.Net;
using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Pages;

[TestFixture]
internal sealed class ReferralPageTests
{
    [Test]
    public async Task A_held_referral_says_what_it_means_and_what_to_do()
    {
        await using var host = await PagesBench.StartAsync();
        var held = await host.HeldAsync("1");

        var (_, html) = await host.PageAsync($"/referrals/{held.Id}");

        var remedy = ReasonRemedies.Of(ReasonCodes.RecipientUnknown)!;
        Assert.That(WebUtility.HtmlDecode(html), Does.Contain("Held: needs you").And.Contain(remedy.Meaning).And.Contain(remedy.Remedy).And.Contain("#code-recipient-unknown"));
    }

    [Test]
    public async Task A_referral_that_is_put_off_says_when_it_is_tried_again()
    {
        await using var host = await PagesBench.StartAsync();
        var waiting = await host.PutOffAsync("1");

        var (_, html) = await host.PageAsync($"/referrals/{waiting.Id}");

        Assert.That(html, Does.Contain("in 7 min").And.Contain($"datetime=\"{waiting.DueAt:yyyy-MM-dd'T'HH:mm:ss.fff}Z\"").And.Contain("ehr-unreachable"));
    }

    [Test]
    public async Task A_referral_that_is_put_off_says_since_when_and_how_often()
    {
        await using var host = await PagesBench.StartAsync();
        var first = await host.PutOffAsync("1");
        host.Clock.Advance(TimeSpan.FromMinutes(8));
        var again = await host.Ledger.StepAsync(await host.Ledger.BegunAsync(first), row => StepTransitions.GatherDeferred(row, ReasonCodes.EhrUnreachable, host.Clock.GetUtcNow().AddMinutes(20), host.Clock.GetUtcNow().AddHours(9), host.Clock.GetUtcNow()));

        var (_, html) = await host.PageAsync($"/referrals/{again.Id}");

        Assert.That(System.Text.RegularExpressions.Regex.Replace(html, "<[^>]*>|\\s+", " "), Does.Match("It is late since +8 min ago .*put off 2 times"));
    }

    [Test]
    public async Task What_waits_for_a_paused_partner_has_no_next_try_and_leads_to_the_switch()
    {
        await using var host = await PagesBench.StartAsync();
        await host.Ledger.Pauses.PauseAsync(["recipient:urology-east"], CancellationToken.None);
        host.Clock.Advance(TimeSpan.FromMinutes(5));
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync("1", "urology-east"));
        var waiting = await host.Ledger.StepAsync(begun, row => StepTransitions.SetAside(row, "recipient:urology-east", host.Clock.GetUtcNow().AddSeconds(20), host.Clock.GetUtcNow()));

        var (_, html) = await host.PageAsync($"/referrals/{waiting.Id}");
        var (_, list) = await host.PageAsync("/referrals");

        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Contain("Why it waits: recipient urology-east is paused").And.Contain("5 min ago").And.Contain("href=\"/partners#recipient-urology-east\"").And.Not.Contain("data-countdown"));
            Assert.That(list, Does.Contain("when resumed").And.Not.Contain("data-countdown"));
        });
    }

    [Test]
    public async Task Its_timeline_tells_what_was_asked_and_what_is_carried_by_type()
    {
        await using var host = await PagesBench.StartAsync();
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync("1", "urology-east"));
        var facts = new PackagedFacts(1, Guid.CreateVersion7(host.Clock.GetUtcNow()), ReferralService.Ledger.PackageForm.Document, "urology-east", "https://uro.example.org/fhir", new("sha-256:0", 95_900, 1), 81, "1")
        {
            Gathered = new Dictionary<string, string> { ["pulls"] = "Observation:2:37", ["ms"] = "1250" },
            Contents = new Dictionary<string, string> { ["form"] = "document", ["bytes"] = "95900", ["contents"] = "Observation:120:45123 Patient:1:600" },
        };
        var packaged = await host.Ledger.StepAsync(begun, row => StepTransitions.Packaged(row, facts, host.Clock.GetUtcNow()));

        var (_, html) = await host.PageAsync($"/referrals/{packaged.Id}");

        Assert.That(html, Does.Contain("What was asked of the EHR").And.Contain(">37<").And.Contain("1.3 s").And.Contain("45.1 kB").And.Contain("95.9 kB").And.Contain("event 3"));
    }

    [TestCase(ApiRole.Viewer, false)]
    [TestCase(ApiRole.Operator, true)]
    public async Task Only_who_may_act_is_given_forms(ApiRole role, bool forms)
    {
        await using var host = await PagesBench.StartAsync(role);
        var held = await host.HeldAsync("1");

        var (_, html) = await host.PageAsync($"/referrals/{held.Id}");

        Assert.That(html.Contains($"action=\"/referrals/{held.Id}/retry\"", StringComparison.Ordinal), Is.EqualTo(forms));
    }

    [Test]
    public async Task What_the_state_does_not_allow_is_not_offered_and_says_why()
    {
        await using var host = await PagesBench.StartAsync();
        var delivered = await host.DeliveredAsync("1");

        var (_, html) = await host.PageAsync($"/referrals/{delivered.Id}");

        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Not.Contain("/retry\"").And.Not.Contain("/cancel\""));
            Assert.That(html, Does.Contain("It is delivered; nothing can be called back."));
        });
    }

    [Test]
    public async Task A_recipient_to_choose_is_offered_where_there_is_no_package_yet()
    {
        await using var host = await PagesBench.StartAsync();
        var held = await host.HeldAsync("1");

        var (_, html) = await host.PageAsync($"/referrals/{held.Id}");

        Assert.That(html, Does.Contain("<option value=\"urology-east\">urology-east</option>"));
    }

    [Test]
    public async Task A_name_with_markup_in_it_is_shown_as_text()
    {
        await using var host = await PagesBench.StartAsync();
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync("1"));
        var held = await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, "x", "<img src=x onerror=alert(1)>", host.Clock.GetUtcNow(), new Dictionary<string, string> { ["detail"] = "<b>\"'" }));

        var (_, html) = await host.PageAsync($"/referrals/{held.Id}");

        Assert.That(html, Does.Not.Contain("<img src=x").And.Not.Contain("<b>\""));
    }

    [TestCase("/referrals/0198c0de-1234-5678-9abc-def012345678")]
    [TestCase("/referrals/nobody")]
    public async Task A_referral_that_is_not_there_is_a_page_too(string path)
    {
        await using var host = await PagesBench.StartAsync();

        var (status, html) = await host.PageAsync(path);

        Assert.That((status, html.Contains("Nothing here", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.NotFound, true)));
    }
}
