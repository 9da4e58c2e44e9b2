using System.Net;
using System.Text;
using System.Text.Json;
using ReferralService.Intake;
using ReferralService.Ops;
using ReferralService.RecipientDirectory;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary>The routes that pause and resume a partner, and how it shows.</summary>
internal sealed class PartnerPauseTests
{
    [Test]
    public async Task A_pause_shows_until_it_is_lifted()
    {
        await using var host = await OpsHost.StartAsync();

        var paused = await PostAsync(host, "/api/partners/urology-east/pause");
        var (_, during) = await host.Http.ReadAsync("/api/partners");
        var resumed = await PostAsync(host, "/api/partners/urology-east/resume");
        var (_, after) = await host.Http.ReadAsync("/api/partners");

        Assert.Multiple(() =>
        {
            Assert.That(paused, Is.EqualTo((HttpStatusCode.OK, """{"name":"urology-east","kinds":["recipient"],"paused":true}""")));
            Assert.That(resumed, Is.EqualTo((HttpStatusCode.OK, """{"name":"urology-east","kinds":["recipient"],"paused":false}""")));
            Assert.That(Paused(during), Is.EqualTo(new[] { "main False", "urology-east True" }));
            Assert.That(Paused(after), Is.EqualTo(new[] { "main False", "urology-east False" }));
        });
    }

    [TestCase("ehr")]
    [TestCase("recipient")]
    public async Task A_name_on_both_sides_means_the_one_that_is_said(string kind)
    {
        await using var host = await OpsHost.StartAsync(recipient: "main");

        var (status, body) = await PostAsync(host, $"/api/partners/main/pause?kind={kind}");

        Assert.That((status, body), Is.EqualTo((HttpStatusCode.OK, $$"""{"name":"main","kinds":["{{kind}}"],"paused":true}""")));
        Assert.That((await host.Ledger.Pauses.AllAsync(CancellationToken.None)).Keys, Is.EqualTo(new[] { $"{kind}:main" }));
    }

    [TestCase("pause")]
    [TestCase("resume")]
    public async Task A_name_on_both_sides_is_not_guessed(string action)
    {
        await using var host = await OpsHost.StartAsync(recipient: "main");
        await host.Ledger.Pauses.PauseAsync(["ehr:main"], CancellationToken.None);

        var (status, body) = await PostAsync(host, $"/api/partners/main/{action}");

        Assert.That((status, JsonDocument.Parse(body).RootElement.Text("code")), Is.EqualTo((HttpStatusCode.BadRequest, "partner-ambiguous")));
        Assert.That((await host.Ledger.Pauses.AllAsync(CancellationToken.None)).Keys, Is.EqualTo(new[] { "ehr:main" }));
    }

    [TestCase("gone/resume", "recipient", TestName = "A recipient that the settings do not name any more can be resumed")]
    [TestCase("gone/resume?kind=recipient", "recipient", TestName = "A recipient that the settings do not name any more can be resumed by its kind")]
    [TestCase("left/resume", "ehr", TestName = "An EHR that the settings do not name any more can be resumed")]
    public async Task Who_is_paused_can_be_resumed_whatever_the_settings_say(string path, string kind)
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.Pauses.PauseAsync(["recipient:gone", "ehr:left"], CancellationToken.None);

        var resumed = await PostAsync(host, $"/api/partners/{path}");
        var (again, _) = await PostAsync(host, $"/api/partners/{path}");

        Assert.That(resumed, Is.EqualTo((HttpStatusCode.OK, $$"""{"name":"{{path[..4]}}","kinds":["{{kind}}"],"paused":false}""")));
        Assert.That(again, Is.EqualTo(HttpStatusCode.NotFound), "nothing is left of it");
        Assert.That((await host.Ledger.Pauses.AllAsync(CancellationToken.None)).Keys, Is.EqualTo(new[] { kind == "ehr" ? "recipient:gone" : "ehr:left" }));
    }

    [Test]
    public async Task Who_is_paused_and_in_no_settings_is_named_at_the_start()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.Pauses.PauseAsync(["recipient:gone", "recipient:urology-east", "ehr:urology-east", "ehr:main"], CancellationToken.None);
        var log = new LogLines<PausedStrangers>();

        await new PausedStrangers(host.Service<EhrRegistry>(), host.Service<RecipientRegistry>(), host.Ledger.Pauses, log).StartAsync(CancellationToken.None);

        Assert.That(log.Lines.Select(line => line[..line.IndexOf(" has been", StringComparison.Ordinal)]), Is.EqualTo(new[] { "Partner ehr:urology-east", "Partner recipient:gone" }));
    }

    [TestCase("application/json", """{"kind":"ehr"}""", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("application/json", "[]", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("application/json", "null", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("application/json", "{", HttpStatusCode.BadRequest, "unreadable")]
    [TestCase("application/x-www-form-urlencoded", "kind=ehr", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [TestCase("text/plain", "ehr", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    public async Task A_body_that_says_something_is_refused_and_pauses_nobody(string type, string said, HttpStatusCode expected, string code)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, body) = await PostAsync(host, "/api/partners/urology-east/pause", new StringContent(said, Encoding.UTF8, type));

        Assert.That((status, JsonDocument.Parse(body).RootElement.Text("code")), Is.EqualTo((expected, code)));
        Assert.That(await host.Ledger.Pauses.AllAsync(CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task An_empty_object_is_no_body()
    {
        await using var host = await OpsHost.StartAsync();

        var (status, _) = await PostAsync(host, "/api/partners/urology-east/pause", new StringContent("{}", Encoding.UTF8, "application/json"));

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("/api/partners/nobody/pause", HttpStatusCode.NotFound, "not-found")]
    [TestCase("/api/partners/main/resume?kind=recipient", HttpStatusCode.NotFound, "not-found")]
    [TestCase("/api/partners/main/pause?kind=printer", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("/api/partners/main/pause?kind=", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("/api/partners/main/pause?kind=ehr&kind=recipient", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("/api/partners/main/pause?for=2h", HttpStatusCode.BadRequest, "bad-request")]
    [TestCase("/api/partners/main/resume?kind=ehr&for=2h", HttpStatusCode.BadRequest, "bad-request")]
    public async Task Who_is_not_configured_cannot_be_paused(string path, HttpStatusCode expected, string code)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, body) = await PostAsync(host, path);

        Assert.That(status, Is.EqualTo(expected));
        Assert.That(JsonDocument.Parse(body).RootElement.Text("code"), Is.EqualTo(code));
    }

    private static async Task<(HttpStatusCode, string)> PostAsync(OpsHost host, string path, HttpContent? content = null)
    {
        using var response = await host.Http.PostAsync(new Uri(path, UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static IEnumerable<string> Paused(JsonElement list)
        => list.GetProperty("items").EnumerateArray().Select(item => $"{item.Text("name")} {item.GetProperty("paused")}");
}
