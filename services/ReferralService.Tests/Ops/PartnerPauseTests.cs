using System.Net;
using System.Text.Json;

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

    [TestCase("", """["ehr","recipient"]""")]
    [TestCase("?kind=ehr", """["ehr"]""")]
    [TestCase("?kind=recipient", """["recipient"]""")]
    public async Task A_name_on_both_sides_means_both_unless_the_kind_is_said(string query, string kinds)
    {
        await using var host = await OpsHost.StartAsync(recipient: "main");

        var (status, body) = await PostAsync(host, "/api/partners/main/pause" + query);

        Assert.That((status, body), Is.EqualTo((HttpStatusCode.OK, $$"""{"name":"main","kinds":{{kinds}},"paused":true}""")));
    }

    [TestCase("/api/partners/nobody/pause", HttpStatusCode.NotFound, "not-found")]
    [TestCase("/api/partners/main/resume?kind=recipient", HttpStatusCode.NotFound, "not-found")]
    [TestCase("/api/partners/main/pause?kind=printer", HttpStatusCode.BadRequest, "bad-request")]
    public async Task Who_is_not_configured_cannot_be_paused(string path, HttpStatusCode expected, string code)
    {
        await using var host = await OpsHost.StartAsync();

        var (status, body) = await PostAsync(host, path);

        Assert.That(status, Is.EqualTo(expected));
        Assert.That(JsonDocument.Parse(body).RootElement.Text("code"), Is.EqualTo(code));
    }

    private static async Task<(HttpStatusCode, string)> PostAsync(OpsHost host, string path)
    {
        using var response = await host.Http.PostAsync(new Uri(path, UriKind.Relative), null);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static IEnumerable<string> Paused(JsonElement list)
        => list.GetProperty("items").EnumerateArray().Select(item => $"{item.Text("name")} {item.GetProperty("paused")}");
}
