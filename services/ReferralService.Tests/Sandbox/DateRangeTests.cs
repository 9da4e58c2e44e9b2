using ReferralService.Sandbox.Repository;

namespace ReferralService.Tests.Sandbox;

public sealed class DateRangeTests
{
    [TestCase("2025", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    [TestCase("2025-02", "2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z")]
    [TestCase("2025-02-28", "2025-02-28T00:00:00Z", "2025-03-01T00:00:00Z")]
    [TestCase("2025-02-28T10:00+02:00", "2025-02-28T08:00:00Z", "2025-02-28T08:01:00Z")]
    [TestCase("2025-02-28T10:00:05Z", "2025-02-28T10:00:05Z", "2025-02-28T10:00:06Z")]
    [TestCase("2025-02-28T10:00:05.250Z", "2025-02-28T10:00:05.250Z", "2025-02-28T10:00:05.251Z")]
    public void A_date_stands_for_all_the_time_it_can_mean(string text, string start, string end)
        => Assert.That(DateRange.Parse(text), Is.EqualTo(new DateRange(Instant(start), Instant(end))));

    [TestCase("")]
    [TestCase("soon")]
    [TestCase("2025-13")]
    [TestCase("2025-1-1")]
    public void What_is_no_date_is_none(string text) => Assert.That(DateRange.Parse(text), Is.Null);

    /// <summary>R4 search.html#prefix: against the range of the value, for resources that lie inside, across its end, across its start and beyond.</summary>
    [TestCase("eq", "2025-03-10", true)]
    [TestCase("eq", "2025", false)]
    [TestCase("ne", "2025", true)]
    [TestCase("ge", "2025-03-10", true)]
    [TestCase("ge", "2025", true)]
    [TestCase("ge", "2025-02", false)]
    [TestCase("gt", "2025-03-10", false)]
    [TestCase("gt", "2025-04", true)]
    [TestCase("le", "2025", true)]
    [TestCase("le", "2025-04", false)]
    [TestCase("lt", "2025-03-10", false)]
    [TestCase("lt", "2025-02-28", true)]
    [TestCase("sa", "2025-04-01", true)]
    [TestCase("sa", "2025-03-31", false)]
    [TestCase("eb", "2025-02-28", true)]
    [TestCase("eb", "2025-03", false)]
    [TestCase("ap", "2025", true)]
    [TestCase("ap", "2025-04", false)]
    public void A_prefix_compares_ranges(string prefix, string resource, bool matches)
        => Assert.That(DateRange.Parse(resource)!.Value.Matches(prefix, DateRange.Parse("2025-03")!.Value), Is.EqualTo(matches));

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
