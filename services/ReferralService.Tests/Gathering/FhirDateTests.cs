using System.Globalization;
using ReferralService.Gathering;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Gathering;

/// <summary>FHIR's dates as bounds: partial, without a zone, over years' ends, leap days and changes of the clock.</summary>
[Fault("T03")]
public sealed class FhirDateTests
{
    [TestCase("2026", "2027-01-01T12:00:00Z")]
    [TestCase("2026-11", "2026-12-01T12:00:00Z")]
    [TestCase("2026-12", "2027-01-01T12:00:00Z")]
    [TestCase("2026-12-31", "2027-01-01T12:00:00Z")]
    [TestCase("2024-02-29", "2024-03-01T12:00:00Z")]
    [TestCase("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z")]
    [TestCase("2026-11-22T10:00:00.123456+02:00", "2026-11-22T08:00:00.123456Z")]
    [TestCase("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z", Description = "the first of the two half past two of a night in which summer time ends")]
    [TestCase("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z", Description = "the second")]
    [TestCase("2026-11-22T10:00:00", "2026-11-22T10:00:00Z", Description = "without a zone, which FHIR forbids: taken as UTC")]
    [TestCase("9999", "9999-12-31T23:59:59.9999999Z")]
    public void A_date_is_over_at_the_last_instant_that_it_may_mean(string date, string latest)
        => Assert.That(FhirDate.Latest(date), Is.EqualTo(DateTimeOffset.Parse(latest, CultureInfo.InvariantCulture)));

    [TestCase("2026-02-29")]
    [TestCase("2026-13")]
    [TestCase("0000")]
    [TestCase("yesterday")]
    [TestCase("2026-11-22T25:00:00Z")]
    [TestCase("")]
    [TestCase(null)]
    public void What_is_no_date_bounds_nothing(string? text) => Assert.That(FhirDate.Latest(text), Is.Null);

    [Test]
    public void The_order_of_dates_does_not_hang_on_how_precisely_they_are_told()
    {
        string[] told = ["2025", "2026-01-31", "2026-02-28T23:00:00-05:00", "2026-03-02", "2026-11", "2026-12-31T23:59:60Z", "2026-12-31"];

        var sorted = told.Where(date => FhirDate.Latest(date) is not null).OrderBy(FhirDate.Latest).ToList();

        Assert.That(sorted, Is.EqualTo(told.Where(date => FhirDate.Latest(date) is not null)));
    }
}
