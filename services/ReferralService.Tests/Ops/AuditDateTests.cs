using System.Net;
using static ReferralService.Tests.Ops.AuditBench;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class AuditDateTests
{
    [TestCase("date=ge{0}", 2)]
    [TestCase("date=gt{0}", 1)]
    [TestCase("date=lt{0}", 1)]
    [TestCase("date=le{0}", 2)]
    [TestCase("date={0}", 1)]
    [TestCase("date=ge{0}&date=le{0}", 1)]
    public async Task Dates_narrow(string query, int found)
    {
        await using var host = await OpsHost.StartAsync();
        await DeliveredAsync(host, "1", "a");
        host.Clock.Advance(TimeSpan.FromDays(1));
        string day = host.Clock.GetUtcNow().ToString("yyyy-MM-dd", null);
        await DeliveredAsync(host, "2", "a");
        host.Clock.Advance(TimeSpan.FromDays(1));
        await DeliveredAsync(host, "3", "a");

        var (_, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent?{query.Replace("{0}", day, StringComparison.Ordinal)}");

        Assert.That(Orders(bundle).Count(), Is.EqualTo(found));
    }

    [TestCase("{0}", 1)]
    [TestCase("eq{0}", 1)]
    [TestCase("le{0}", 1)]
    [TestCase("ge{0}", 1)]
    [TestCase("gt{0}", 0)]
    [TestCase("lt{0}", 0)]
    public async Task An_event_is_found_by_the_instant_that_it_shows(string date, int found)
    {
        await using var host = await OpsHost.StartAsync();
        host.Clock.Advance(TimeSpan.FromMicroseconds(123_456));
        await DeliveredAsync(host, "1", "a");
        string? recorded = (await host.Http.ReadAsync("/fhir/AuditEvent")).Body.GetProperty("entry")[0].GetProperty("resource").Text("recorded");

        var (_, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent?date={date.Replace("{0}", recorded, StringComparison.Ordinal)}");

        Assert.That((recorded, Orders(bundle).Count()), Is.EqualTo(("2026-11-22T10:00:00.123Z", found)));
    }

    /// <summary>Delivered at 2026-11-22T10:00:00.123456Z.</summary>
    [TestCase("2026", true)]
    [TestCase("2025", false)]
    [TestCase("gt2026", false)]
    [TestCase("2026-11", true)]
    [TestCase("2026-10", false)]
    [TestCase("gt2026-10", true)]
    [TestCase("2026-11-22T10:00", true)]
    [TestCase("2026-11-22T10:00:00", true)]
    [TestCase("2026-11-22T11:00:00%2B01:00", true)]
    [TestCase("2026-11-22T08:30:00-01:30", true)]
    [TestCase("2026-11-22T10:00:01Z", false)]
    [TestCase("2026-11-22T10:00:00.1Z", true)]
    [TestCase("2026-11-22T10:00:00.122Z", false)]
    [TestCase("2026-11-22T10:00:00.123456Z", true)]
    [TestCase("2026-11-22T10:00:00.123457Z", false)]
    [TestCase("le9999-12-31", true)]
    [TestCase("le9999", true)]
    [TestCase("le9999-12", true)]
    [TestCase("9999", false)]
    [TestCase("le9999-12-31T23:59:59.9999999-14:00", true)]
    [TestCase("0001-01-01", false)]
    [TestCase("ge0001-01-01", true)]
    [TestCase("ge0001-01-01T00:00:00%2B14:00", true)]
    public async Task A_date_is_all_the_time_that_it_names(string date, bool found)
    {
        await using var host = await OpsHost.StartAsync();
        host.Clock.Advance(TimeSpan.FromMicroseconds(123_456));
        await DeliveredAsync(host, "1", "a");

        var (status, bundle) = await host.Http.ReadAsync($"/fhir/AuditEvent?date={date}");

        Assert.That((status, Orders(bundle).Any()), Is.EqualTo((HttpStatusCode.OK, found)));
    }
}
