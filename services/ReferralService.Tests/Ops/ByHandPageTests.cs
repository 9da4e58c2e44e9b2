using System.Net;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Ops.Pages;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>The pages on which something is done by hand, as a browser without a script has them.</summary>
internal sealed class ByHandPageTests
{
    private const string Manifest =
        """{"plan":[{"id":"core","version":"1"}],"included":[{"fullUrl":"https://ehr.example.org/fhir/Observation/o1","source":"https://ehr.example.org/fhir/Observation/o1","sha256":"ab","bytes":12,"reasons":["recent result"]}],"omitted":[]}""";

    private static readonly CancellationToken None = CancellationToken.None;

    private OpsHost _host = null!;
    private HttpClient _http = null!;

    [SetUp]
    public async Task Start()
    {
        _host = await PagesBench.StartAsync();
        _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _host.Http.BaseAddress };
    }

    [TearDown]
    public async Task End()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task A_retry_and_a_refused_one_are_said_on_the_referrals_page_and_in_its_record()
    {
        var row = await _host.Ledger.ReceivedAsync("1", "urology-east");

        using var cancelled = await FormAsync($"/referrals/{row.Id}/cancel");
        using var refused = await FormAsync($"/referrals/{row.Id}/retry", ("back", "https://elsewhere.example/"));
        var page = await ReadAsync(refused.Headers.Location!.OriginalString);

        Assert.Multiple(() =>
        {
            Assert.That(cancelled.Headers.Location?.OriginalString, Is.EqualTo($"/referrals/{row.Id}?done=cancel"));
            Assert.That(refused.Headers.Location?.OriginalString, Is.EqualTo($"/referrals/{row.Id}?refused=already-cancelled"), "it leads nowhere but here");
            Assert.That(page, Does.Contain("role=\"status\"").And.Contain("Not done. It is cancelled."));
            Assert.That(page, Does.Contain("By hand").And.Contain("already-cancelled"));
        });
        Assert.That((await _host.Ledger.Actions.ListAsync(new() { Referral = row.Id }, None)).Select(act => $"{act.Action} {act.Outcome}"), Is.EqualTo(new[] { "retry already-cancelled", "cancel done" }));
    }

    [TestCase("", "", "Say what you need it for.")]
    [TestCase("curiosity", "", "Say what you need it for.")]
    [TestCase("other-with-ticket", "", "Another reason needs the ticket")]
    [TestCase("patient-request", "<b>", "A ticket has 1 to 40")]
    public async Task Nothing_is_shown_without_a_reason(string reason, string ticket, string fault)
    {
        var row = await _host.Ledger.PackagedAsync("1", manifest: Manifest);

        using var response = await FormAsync($"/referrals/{row.Id}/reveal", ("reason", reason), ("ticket", ticket));

        var page = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(page, Does.Contain(fault).And.Not.Contain("Observation/o1"));
        Assert.That(await _host.Ledger.Actions.ListAsync(new(), None), Is.Empty);
    }

    [Test]
    public async Task What_is_in_a_package_is_shown_once_who_looks_and_what_for_is_kept()
    {
        var row = await _host.Ledger.PackagedAsync("1", bundle: "{\"resourceType\":\"Bundle\"}", manifest: Manifest);
        var before = await ReadAsync($"/referrals/{row.Id}");

        using var shown = await FormAsync($"/referrals/{row.Id}/reveal", ("reason", "quality-review"), ("ticket", "Q/7"));
        using var given = await FormAsync($"/referrals/{row.Id}/package", ("reason", "patient-request"), ("ticket", ""));

        Assert.Multiple(async () =>
        {
            Assert.That(before, Does.Not.Contain("Observation/o1"));
            Assert.That(await shown.Content.ReadAsStringAsync(), Does.Contain("Observation/o1").And.Contain("recent result"));
            Assert.That(await given.Content.ReadAsStringAsync(), Is.EqualTo("{\"resourceType\":\"Bundle\"}"));
            Assert.That(given.Content.Headers.ContentDisposition?.DispositionType, Is.EqualTo("attachment"));
        });
        Assert.That((await _host.Ledger.Actions.ListAsync(new() { Referral = row.Id }, None)).Select(act => $"{act.Action} {act.Reason} {act.Ticket}"),
            Is.EqualTo(new[] { "read-package patient-request ", "reveal quality-review Q/7" }));
    }

    [Test]
    public async Task A_problem_leads_to_its_referrals_and_from_one_to_the_next()
    {
        var first = await HeldAsync("1");
        var second = await HeldAsync("2");

        var groups = await ReadAsync("/problems");
        var group = await ReadAsync("/problems?partner=recipient%3Aurology-east&code=auth-refused&issue=");
        var page = await ReadAsync($"/referrals/{first}?partner=recipient%3Aurology-east&code=auth-refused&issue=");

        Assert.Multiple(() =>
        {
            Assert.That(groups, Does.Contain("2 × <code>auth-refused</code>").And.Contain("To do:"));
            Assert.That(group, Does.Contain($"/referrals/{first}?partner=").And.Contain($"/referrals/{second}?partner=").And.Contain("action=\"/bulk/preview\""));
            Assert.That(page, Does.Contain("2 of 2 with this problem").And.Contain("data-key=\"k\"").And.Not.Contain("data-key=\"j\""));
        });
    }

    [Test]
    public async Task The_switch_of_a_partner_says_what_it_does_and_does_it()
    {
        var now = _host.Clock.GetUtcNow();
        _host.Contacts.Succeeded(PartnerKind.Recipient, "urology-east", now);
        _host.Contacts.Exchanged(PartnerKind.Recipient, "urology-east", good: true, TimeSpan.FromMilliseconds(120), now);
        _host.Contacts.Exchanged(PartnerKind.Recipient, "urology-east", good: false, TimeSpan.FromMilliseconds(40), now.AddMinutes(-5));
        _host.Contacts.ShowedCertificate(PartnerKind.Recipient, "urology-east", now.AddDays(12), now);

        using var paused = await FormAsync("/partners/recipient/urology-east/pause");
        using var unknown = await FormAsync("/partners/recipient/nobody/pause");
        var page = await ReadAsync(paused.Headers.Location!.OriginalString);

        Assert.Multiple(() =>
        {
            Assert.That(paused.Headers.Location?.OriginalString, Is.EqualTo("/partners?done=pause"));
            Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(page, Does.Contain("Paused by hand").And.Contain("/partners/recipient/urology-east/resume").And.Contain("in 12 d 0 h"));
            Assert.That(page, Does.Contain("1 exchanges worked, 1 did not, in the last hour."));
            Assert.That(page, Does.Contain("<svg").And.Not.Contain(" style="));
        });
        Assert.That((await _host.Ledger.Pauses.AllAsync(None)).Keys, Is.EqualTo(new[] { "recipient:urology-east" }));
    }

    [Test]
    public async Task Without_a_broker_there_are_no_dead_letters()
        => Assert.That(await ReadAsync("/dead-letters"), Does.Contain("There is no broker"));

    [Test]
    public async Task The_record_can_be_read_by_who_and_by_referral()
    {
        var row = await _host.Ledger.ReceivedAsync("1", "urology-east");
        using var cancelled = await FormAsync($"/referrals/{row.Id}/cancel");
        using var paused = await FormAsync("/partners/ehr/main/pause");

        var all = await ReadAsync("/audit");
        var ofReferral = await ReadAsync($"/audit?referral={row.Id}&actor=");
        using var mistyped = await _http.GetAsync(new Uri("/audit?referral=1", UriKind.Relative));

        Assert.Multiple(() =>
        {
            Assert.That(all, Does.Contain("<code>ehr:main</code>").And.Contain($"/referrals/{row.Id}"));
            Assert.That(ofReferral, Does.Not.Contain("ehr:main").And.Contain($"/referrals/{row.Id}"));
            Assert.That(mistyped.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        });
    }

    private async Task<ReferralId> HeldAsync(string order)
    {
        var begun = await _host.Ledger.BegunAsync(await _host.Ledger.PackagedAsync(order));
        return (await _host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, "auth-refused", "Held.", _host.Clock.GetUtcNow()))).Id;
    }

    private async Task<string> ReadAsync(string path) => await _http.GetStringAsync(new Uri(path, UriKind.Relative));

    private async Task<HttpResponseMessage> FormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await _http.PostAsync(new Uri(path, UriKind.Relative), form);
    }
}
