using ReferralService.Benchmarks.Queueing;
using ReferralService.Flow;

namespace ReferralService.Tests.Benchmarks;

/// <summary>The simulation against what is known of queues by formula.</summary>
public sealed class SimulationTests
{
    private static readonly IReadOnlyList<double> Even = [1];

    /// <summary>One processor, nothing waits for partners, places enough: M/D/1.</summary>
    private static Scenario OneProcessor(double load, TimeSpan cpu) => new()
    {
        Name = "one processor", Seed = 3, Hours = Even, Replicas = 1, Cores = 1, MaxInFlight = 1_000_000, PerEhr = 1_000_000, PerRecipient = 1_000_000,
        GatherCpu = cpu, DeliverCpu = TimeSpan.Zero, GatherWait = TimeSpan.Zero, DeliverWait = TimeSpan.Zero,
        PerYear = load / cpu.TotalSeconds * 365 * 86_400, Length = TimeSpan.FromSeconds(200_000 * cpu.TotalSeconds / load),
    };

    [Test]
    public void The_processor_is_busy_for_as_long_as_the_work_takes()
    {
        var outcome = Simulation.Run(OneProcessor(0.5, TimeSpan.FromSeconds(1)));

        Assert.That(outcome.Busy, Is.EqualTo(outcome.Arrived / outcome.End.TotalSeconds).Within(1e-6));
    }

    [TestCase(0.5)]
    [TestCase(0.8)]
    public void Waiting_for_one_processor_is_as_the_formula_of_Pollaczek_and_Khinchine_says(double load)
    {
        var cpu = TimeSpan.FromSeconds(1);

        var outcome = Simulation.Run(OneProcessor(load, cpu));

        double expected = cpu.TotalSeconds * (1 + load / (2 * (1 - load)));
        Assert.That(outcome.MeanDelay.TotalSeconds, Is.EqualTo(expected).Within(0.05 * expected));
    }

    [Test]
    public void As_many_are_open_as_come_in_the_time_that_one_takes()
    {
        var outcome = Simulation.Run(OneProcessor(0.7, TimeSpan.FromSeconds(1)) with { GatherWait = TimeSpan.FromSeconds(3) });

        Assert.That(outcome.MeanOpen, Is.EqualTo(outcome.Arrived / outcome.End.TotalSeconds * outcome.MeanDelay.TotalSeconds).Within(1e-6), "Little's law holds exactly once all are through");
    }

    [Test]
    public void Every_referral_is_delivered_whatever_was_away()
    {
        var outcome = Simulation.Run(Busy() with { Outages = [new(true, null, TimeSpan.Zero, TimeSpan.FromHours(2)), new(false, 0, TimeSpan.Zero, TimeSpan.FromHours(1))] });

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Delivered, Is.EqualTo(outcome.Arrived).And.GreaterThan(500));
            Assert.That(outcome.Longest, Is.GreaterThan(TimeSpan.FromHours(1)));
            Assert.That(outcome.Drained, Is.GreaterThan(TimeSpan.Zero).And.LessThan(Backoff.Longest * 1.2 + TimeSpan.FromMinutes(2)), "the longest pause and its jitter, and the last step");
        });
    }

    [Test]
    public void One_that_fails_is_tried_again_at_the_times_of_the_back_off()
    {
        // Away for 20 s from the start: tries at 0 s, at 1.6 to 2.4 s, some 6 s after that and 18 s after that.
        var outcome = Simulation.Run(Busy() with { PerYear = 365 * 86_400, Length = TimeSpan.FromMilliseconds(3), Hours = Even, Seed = SeedOfOneArrival(), Outages = [new(false, null, TimeSpan.Zero, TimeSpan.FromSeconds(20))], FailAfter = TimeSpan.Zero });

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Arrived, Is.EqualTo(1));
            Assert.That(outcome.Attempts, Is.EqualTo(3 + 1 + 1), "three in vain, one gathering, one delivery");
            Assert.That(outcome.Longest.TotalSeconds, Is.InRange(0.8 * 26, 1.2 * 26 + 2));
        });
    }

    [Test]
    public void The_same_seed_gives_the_same_outcome_and_another_seed_another()
    {
        var first = Simulation.Run(Busy());

        var again = Simulation.Run(Busy());
        var other = Simulation.Run(Busy() with { Seed = 8 });

        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(other, Is.Not.EqualTo(first));
        });
    }

    [Test]
    public void More_come_in_the_hours_that_weigh_more()
    {
        var morning = Busy() with { Hours = [1, 0], Length = TimeSpan.FromHours(12) };
        var evening = Busy() with { Hours = [0, 1], Length = TimeSpan.FromHours(12) };

        Assert.Multiple(() =>
        {
            Assert.That(Simulation.Run(morning).Arrived, Is.GreaterThan(1_000));
            Assert.That(Simulation.Run(evening).Arrived, Is.Zero);
        });
    }

    private static Scenario Busy() => new()
    {
        Name = "busy", Seed = 7, PerYear = 2_000_000, Length = TimeSpan.FromHours(14), Ehrs = 5, Recipients = 5, GatherCpu = TimeSpan.FromMilliseconds(20), DeliverCpu = TimeSpan.FromMilliseconds(8),
    };

    /// <summary>One a second for 3 ms: most seeds bring none.</summary>
    private static int SeedOfOneArrival()
        => Enumerable.Range(0, 10_000).First(seed => Simulation.Run(Busy() with { PerYear = 365 * 86_400, Length = TimeSpan.FromMilliseconds(3), Hours = Even, Seed = seed }).Arrived == 1);
}
