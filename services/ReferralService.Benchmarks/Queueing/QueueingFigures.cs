using System.Globalization;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Queueing;

/// <summary>What partners' outages and too few replicas do to a country's referrals: a simulation, with measured costs as inputs.</summary>
internal static class QueueingFigures
{
    /// <summary>Of the service for one referral of 300 results, on the machine of docs/performance.md: the table of inputs in docs/scale.md says where they are from.</summary>
    private static readonly TimeSpan GatherCpu = TimeSpan.FromMilliseconds(20), DeliverCpu = TimeSpan.FromMilliseconds(8);

    private static readonly TimeSpan Nine = TimeSpan.FromHours(9);

    public static void Find(Findings findings)
    {
        var table = new Table(
            $"Queueing, simulated: one day of 10 million referrals a year, 50 EHRs, 200 recipients, 2 replicas of 2 cores unless said, {GatherCpu.TotalMilliseconds:0} + {DeliverCpu.TotalMilliseconds:0} ms of CPU a referral, seed {Machine.Seed}",
            "scenario", "arrived", "most open", "p50", "p99", "longest", "drained after", "CPU busy %", "steps / referral");
        foreach (var scenario in Scenarios())
        {
            var outcome = Simulation.Run(scenario);
            if (outcome.Delivered != outcome.Arrived) throw new BrokenRunException($"In '{scenario.Name}' {outcome.Arrived - outcome.Delivered} referrals were lost.");
            table.Add(
                scenario.Name, outcome.Arrived.ToString("N0", CultureInfo.InvariantCulture), outcome.MostOpen.ToString("N0", CultureInfo.InvariantCulture), Text(outcome.P50), Text(outcome.P99), Text(outcome.Longest),
                outcome.Drained is { } drained ? Text(drained) : "", (100 * outcome.Busy).ToString("0.0", CultureInfo.InvariantCulture), ((double)outcome.Attempts / outcome.Arrived).ToString("0.00", CultureInfo.InvariantCulture));
        }

        table.Note("Drained: from the outage's end until everything that had come before it was delivered. What waits is tried again at its own time, at most an hour apart, so a drain takes up to 72 minutes however idle the service is.");
        findings.Add(table);
    }

    private static IEnumerable<Scenario> Scenarios()
    {
        var plain = new Scenario { Name = "a plain day", GatherCpu = GatherCpu, DeliverCpu = DeliverCpu, Seed = Machine.Seed };
        yield return plain;
        yield return plain with { Name = "a day of three times as many", Peak = 3 };
        yield return plain with { Name = "the same, one replica", Peak = 3, Replicas = 1 };
        yield return plain with { Name = "ten times as many, one replica", Peak = 10, Replicas = 1 };
        yield return plain with { Name = "ten times as many, ten replicas", Peak = 10, Replicas = 10 };
        yield return plain with { Name = "one recipient away, 9 to 13 h", Outages = [new(true, 0, Nine, TimeSpan.FromHours(13))] };
        yield return plain with { Name = "one EHR away, 9 to 10 h", Outages = [new(false, 0, Nine, TimeSpan.FromHours(10))] };
        yield return plain with { Name = "all recipients away, 9 to 9:10 h", Outages = [new(true, null, Nine, Nine + TimeSpan.FromMinutes(10))] };
        yield return plain with { Name = "all recipients away, 9 to 13 h", Outages = [new(true, null, Nine, TimeSpan.FromHours(13))] };
        yield return plain with { Name = "all recipients and EHRs away, 9 to 17 h", Outages = [new(true, null, Nine, TimeSpan.FromHours(17)), new(false, null, Nine, TimeSpan.FromHours(17))] };
    }

    private static string Text(TimeSpan time) => time switch
    {
        { TotalMinutes: < 2 } => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
        { TotalHours: < 3 } => $"{time.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)} min",
        _ => $"{time.TotalHours.ToString("0.0", CultureInfo.InvariantCulture)} h",
    };
}
