using ReferralService.Benchmarks.Queueing;

namespace ReferralService.Tests.Benchmarks;

/// <summary>The formulas of docs/scale.md against sums done by hand.</summary>
public sealed class ReckoningTests
{
    private static readonly ScaleInputs Inputs = new()
    {
        PerYear = 31_536_000, PeakDay = 2, ServiceCpuMilliseconds = 10, GatherShare = 0.6, Cores = 2, Utilization = 0.5, MaxInFlight = 30, PerPartner = 8, Ehrs = 10, Recipients = 20,
        GatherWaitSeconds = 1.994, DeliverWaitSeconds = 0.996, TransitionsPerReferral = 8, TransitionsPerSecond = 1_600, EventsPerReferral = 4, EventsPerSecond = 800, RecordMegabytes = 0.5,
        PackageMegabytes = 0.75, KeptShare = 0.2, LedgerBytes = 1_000, RetentionYears = 2, LedgerYears = 3,
    };

    [Test]
    public void The_peak_is_the_mean_of_a_year_in_the_busiest_hour_of_the_busiest_day()
        => Assert.That(Reckoning.PeakRate(Inputs, [1, 3]), Is.EqualTo(1 * 2 * 1.5).Within(1e-9));

    // 2 cores half used: 1 s of processor a second, 10 ms each. 30 places, 3 s each. 80 places at EHRs, 2 s each. 160 at recipients, 1 s each. 800 transitions a second, 8 each. 400 events a second, 4 each. 62.5 MB/s, 1.25 each.
    [TestCase("processors", 100, 1_000)]
    [TestCase("places of the process", 10, 100)]
    [TestCase("places at the EHRs", 40, 40)]
    [TestCase("places at the recipients", 160, 160)]
    [TestCase("ledger", 100, 100)]
    [TestCase("status relay", 100, 1_000)]
    [TestCase("a wire", 50, 500)]
    public void A_part_allows_what_there_is_of_it_by_what_one_takes(string part, double one, double ten)
    {
        var found = Reckoning.Parts(Inputs).Single(p => p.Name.StartsWith(part, StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(found.Allows(1), Is.EqualTo(one).Within(1e-6));
            Assert.That(found.Allows(10), Is.EqualTo(ten).Within(1e-6));
        });
    }

    [Test]
    public void What_is_kept_is_what_comes_times_how_long()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Reckoning.VaultBytes(Inputs), Is.EqualTo(31_536_000 * 2 * 0.75e6 * 0.2).Within(1));
            Assert.That(Reckoning.LedgerBytes(Inputs), Is.EqualTo(31_536_000 * 3 * 1_000.0).Within(1));
            Assert.That(Reckoning.QueuedEvents(Inputs, 3, TimeSpan.FromHours(1)), Is.EqualTo(3 * 4 * 3_600).Within(1e-6));
            Assert.That(Reckoning.VaultWrites(Inputs, 3), Is.EqualTo(2 * 3 * 0.75e6 * 0.2).Within(1e-3));
        });
    }
}
