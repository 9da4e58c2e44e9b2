using System.Net;
using ReferralService.Ledger;
using ReferralService.Tests.Support;
using static ReferralService.Tests.Ops.AuditBench;

namespace ReferralService.Tests.Ops;

/// <summary>An accounting that is not whole says so.</summary>
[TestFixture]
internal sealed class AuditGapTests
{
    [TestCase("", "2")]
    [TestCase("?patient=a", "2")]
    [TestCase("?patient=b", "")]
    [TestCase("?_count=1", "2")]
    public async Task What_a_lost_key_hides_is_counted_and_the_rest_is_shown(string query, string shown)
    {
        await using var host = await OpsHost.StartAsync();
        await DeliveredAsync(host, "1", "b", Keyed(host, "k1"));
        await DeliveredAsync(host, "2", "a");
        await DeliveredAsync(host, "3", "a", Keyed(host, "k1"));

        var (status, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent{query}");
        var outcome = bundle.GetProperty("entry").EnumerateArray().Single(e => e.GetProperty("search").Text("mode") == "outcome").GetProperty("resource");

        Assert.Multiple(() =>
        {
            Assert.That((status, string.Join(',', Orders(bundle))), Is.EqualTo((HttpStatusCode.OK, shown)));
            Assert.That(outcome.GetProperty("issue")[0].Text("severity"), Is.EqualTo("warning"));
            Assert.That(outcome.GetProperty("issue")[0].GetProperty("details").GetProperty("coding")[0].Text("code"), Is.EqualTo("vault-key-missing"));
            Assert.That(outcome.GetProperty("issue")[0].Text("diagnostics"), Does.Contain("of whichever patient: 2; damaged, on this page: 0"));
            Assert.That(bundle.GetProperty("link").EnumerateArray().Select(l => l.Text("relation")), Is.EqualTo(new[] { "self" }), "what cannot be read makes no page");
        });
    }

    [Test]
    public async Task One_that_is_damaged_is_counted_and_the_others_are_shown()
    {
        await using var host = await OpsHost.StartAsync();
        var broken = await DeliveredAsync(host, "1", "a");
        await DeliveredAsync(host, "2", "a");
        await host.Ledger.Database.WriteAsync(s => s.ExecuteAsync("UPDATE disclosure SET body = x'7b' WHERE number = 1", new Values(), CancellationToken.None), CancellationToken.None);

        var (_, bundle) = await host.Http.ReadAsync("/fhir/AuditEvent");
        var (alone, _) = await host.Http.ReadAsync($"/fhir/AuditEvent/{broken:D}");

        Assert.That((Orders(bundle), alone), Is.EqualTo((new[] { "2" }, HttpStatusCode.InternalServerError)));
        Assert.That(bundle.GetProperty("entry").EnumerateArray().Last().GetRawText(), Does.Contain("vault-damaged").And.Contain("on this page: 1"));
    }

    [TestCase("", 2)]
    [TestCase("?patient=b", 2)]
    [TestCase("?date=le2026-11-21", 0)]
    public async Task What_a_former_version_packaged_is_counted_where_it_was_delivered(string query, int counted)
    {
        await using var host = await OpsHost.StartAsync();
        await EndedAsync(host, await host.Ledger.PackagedAsync("1"));
        await EndedAsync(host, await host.Ledger.PackagedAsync("2"));
        await host.Ledger.PackagedAsync("3");
        await DeliveredAsync(host, "4", "a");

        var (_, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent{query}");

        Assert.That(Gaps(bundle).Select(g => g.Text("diagnostics")), counted == 0 ? Is.Empty : Is.EqualTo(new[] { Unaccounted(counted) }));
    }

    [Test]
    public async Task What_is_older_than_any_account_is_kept_is_not_missed()
    {
        await using var host = await OpsHost.StartAsync();
        await EndedAsync(host, await host.Ledger.PackagedAsync("1"));
        var kept = new LedgerOptions().DisclosureRetention;

        host.Clock.Advance(kept);
        var (_, before) = await host.Http.ReadAsync("/fhir/AuditEvent");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var (_, after) = await host.Http.ReadAsync("/fhir/AuditEvent");

        Assert.That((Gaps(before).Count(), Gaps(after).Count()), Is.EqualTo((1, 0)));
    }

    private static string Unaccounted(int count)
        => $"This list is not whole. Delivered within the time asked for of packages that a former version made, which kept no account, of whichever patient: {count}; the last on 2026-11-22. Referrals that were delivered until then are in GET /api/referrals.";
}
