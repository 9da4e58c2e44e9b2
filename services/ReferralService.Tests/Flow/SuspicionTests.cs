using ReferralService.Flow;

namespace ReferralService.Tests.Flow;

public sealed class SuspicionTests
{
    [TestCase(0, 0, null)]
    [TestCase(2, 0, null)]
    [TestCase(3, 0, 5.0)]
    [TestCase(3, 4, 1.0)]
    [TestCase(3, 5, null)]
    [TestCase(4, 0, 10.0)]
    [TestCase(5, 0, 20.0)]
    [TestCase(6, 0, null)]
    public void A_suspect_waits_until_its_process_has_lived_a_while(int crashes, int uptimeSeconds, double? waits)
        => Assert.That(Suspicion.Wait(crashes, TimeSpan.FromSeconds(uptimeSeconds), TimeSpan.FromSeconds(5))?.TotalSeconds, Is.EqualTo(waits));

    [Test]
    public void Six_lost_leases_are_poison_and_three_run_alone()
        => Assert.That(Enumerable.Range(0, 8).Select(n => (Suspicion.RunsAlone(n), Suspicion.IsPoison(n))), Is.EqualTo(new[]
        {
            (false, false), (false, false), (false, false), (true, false), (true, false), (true, false), (false, true), (false, true),
        }));
}
