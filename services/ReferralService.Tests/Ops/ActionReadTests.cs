using System.Net;
using ReferralService.Ledger;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary><c>GET /api/actions</c>, and what is written there by the routes of Ops.</summary>
internal sealed class ActionReadTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Test]
    public async Task A_pause_over_the_API_is_listed_with_its_partner()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Http.PostAsync(new Uri("/api/partners/urology-east/pause", UriKind.Relative), null);

        var (status, body) = await host.Http.ReadAsync("/api/actions");

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        var only = body.GetProperty("items").EnumerateArray().Single();
        Assert.That((only.Text("action"), only.Text("partner"), only.Text("outcome")), Is.EqualTo(("pause", "recipient:urology-east", "done")));
        Assert.That(only.TryGetProperty("referral", out _), Is.False, "what was not part of it is left out");
    }

    [Test]
    public async Task Whoever_reads_a_package_or_its_manifest_is_recorded_before_it_is_shown()
    {
        await using var host = await OpsHost.StartAsync();
        var referral = await host.Ledger.PackagedAsync("1");

        await host.Http.GetAsync(new Uri($"/api/referrals/{referral.Id}/package", UriKind.Relative));
        await host.Http.GetAsync(new Uri($"/api/referrals/{referral.Id}/manifest", UriKind.Relative));
        using var head = new HttpRequestMessage(HttpMethod.Head, new Uri($"/api/referrals/{referral.Id}/manifest", UriKind.Relative));
        await host.Http.SendAsync(head);

        var acts = await host.Ledger.Actions.ListAsync(new() { Referral = referral.Id }, None);
        Assert.That(acts.Select(act => act.Action), Is.EqualTo(new[] { OperatorActs.ReadManifest, OperatorActs.ReadPackage }));
    }

    [Test]
    public async Task Pages_follow_each_other_without_overlap()
    {
        await using var host = await OpsHost.StartAsync();
        foreach (var path in (string[])["pause", "resume", "pause"])
        {
            await host.Http.PostAsync(new Uri($"/api/partners/main/{path}", UriKind.Relative), null);
        }

        var (_, first) = await host.Http.ReadAsync("/api/actions?limit=2");
        var (_, second) = await host.Http.ReadAsync($"/api/actions?limit=2&cursor={first.Text("next")}");

        Assert.That(first.GetProperty("items").GetArrayLength(), Is.EqualTo(2));
        Assert.That(second.GetProperty("items").EnumerateArray().Select(item => item.Text("action")), Is.EqualTo(new[] { "pause" }));
        Assert.That(second.Text("next"), Is.Null);
    }

    [TestCase("/api/actions?who=me")]
    [TestCase("/api/actions?referral=1")]
    [TestCase("/api/actions?limit=0")]
    [TestCase("/api/actions?cursor=x")]
    public async Task A_misspelt_filter_lists_nothing(string path)
    {
        await using var host = await OpsHost.StartAsync();

        Assert.That((await host.Http.ReadAsync(path)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}
