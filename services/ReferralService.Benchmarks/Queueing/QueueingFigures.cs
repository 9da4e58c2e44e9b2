using System.Globalization;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Queueing;

/// <summary>What one node, ten replicas and a country need, reckoned; and what partners' outages and too few replicas do to the referrals of a day, simulated. Measured costs are inputs.</summary>
internal static class QueueingFigures
{
    private static readonly TimeSpan Nine = TimeSpan.FromHours(9);

    public static void Find(Findings findings)
    {
        var inputs = ScaleInputs.Now;
        var plain = Plain(inputs);
        double peak = Reckoning.PeakRate(inputs, plain.Hours);
        findings.Add(InputTable(inputs));
        findings.Add(Needs(inputs, peak));
        findings.Add(Kept(inputs, peak));
        findings.Add(Simulated(inputs, plain));
    }

    private static Table InputTable(ScaleInputs inputs)
    {
        var table = new Table("Inputs (`Queueing/ScaleInputs.cs`)", "input", "value", "from");
        table.Add("service CPU per referral", $"{Text(inputs.ServiceCpuMilliseconds)} ms, {Text(100 * inputs.GatherShare)} % of it to gather and package", "walk, PostgreSQL + RabbitMQ; rooms");
        table.Add("transitions per referral; a second", $"{Text(inputs.TransitionsPerReferral)}; {Text(inputs.TransitionsPerSecond)}", "ADR 0018; store, PostgreSQL, 8 producers");
        table.Add("events per referral; a second from one relay; bytes of one", $"{Text(inputs.EventsPerReferral)}; {Text(inputs.EventsPerSecond)}; {Text(inputs.EventBytes)}", "interfaces.md; relay");
        table.Add("record; package; share that the vault keeps", $"{Text(inputs.RecordMegabytes)} MB; {Text(inputs.PackageMegabytes)} MB; {Text(inputs.KeptShare)}", "walk; `Vault:Compress` on, the share assumed");
        table.Add("ledger bytes per referral; kept for", $"{Text(inputs.LedgerBytes)}; {Text(inputs.LedgerYears)} years", "sizing.md");
        table.Add("referrals a year; busiest day / mean day; packages kept for", $"{Text(inputs.PerYear)}; {Text(inputs.PeakDay)}; {Text(inputs.RetentionYears)} year", "assumed");
        table.Add("cores of a replica; how busy at the peak", $"{inputs.Cores}; {Text(inputs.Utilization)}", "chosen");
        table.Add("EHRs, recipients; a referral waits for them", $"{inputs.Ehrs}, {inputs.Recipients}; {Text(inputs.GatherWaitSeconds)} s and {Text(inputs.DeliverWaitSeconds)} s", "assumed");
        return table;
    }

    private static Table Needs(ScaleInputs inputs, double peak)
    {
        var table = new Table($"Referrals a second that each part allows; the country's peak is {peak.ToString("0.0", CultureInfo.InvariantCulture)} a second", "part", "unit", "one referral takes", "one replica allows", "ten allow", "used at the peak, two replicas, %");
        foreach (var part in Reckoning.Parts(inputs).OrderBy(part => part.Allows(2)))
        {
            table.Add(part.Name, part.Unit, Text(part.PerReferral), Text(part.Allows(1)), Text(part.Allows(10)), (100 * peak / part.Allows(2)).ToString("0.0", CultureInfo.InvariantCulture));
        }

        table.Note("In the order in which they run out with two replicas. What allows the same with one replica as with ten is shared by all.");
        return table;
    }

    private static Table Kept(ScaleInputs inputs, double peak)
    {
        var away = TimeSpan.FromHours(8);
        double queued = Reckoning.QueuedEvents(inputs, peak, away);
        var table = new Table("What is kept and written for the country", "", "how much");
        table.Add("vault, once the first packages are deleted", $"{Text(Reckoning.VaultBytes(inputs) / 1e12)} TB");
        table.Add("the same without compression", $"{Text(Reckoning.VaultBytes(inputs with { KeptShare = 1 }) / 1e12)} TB");
        table.Add("ledger, at the end of its time", $"{Text(Reckoning.LedgerBytes(inputs) / 1e12)} TB, {Text(inputs.PerYear * inputs.LedgerYears)} referrals");
        table.Add("written by PostgreSQL for packages at the peak, its log included", $"{Text(Reckoning.VaultWrites(inputs, peak) / 1e6)} MB/s");
        table.Add("queue of a subscriber that is away for 8 hours at the peak", $"{Text(queued)} events, {Text(queued * inputs.EventBytes / 1e9)} GB");
        return table;
    }

    private static Table Simulated(ScaleInputs inputs, Scenario plain)
    {
        var table = new Table(
            $"A day, simulated: {Text(inputs.PerYear)} referrals a year, {inputs.Ehrs} EHRs, {inputs.Recipients} recipients, 2 replicas of {inputs.Cores} cores unless said, the back-off as the service has it, seed {plain.Seed}",
            "scenario", "arrived", "most open", "p50", "p99", "longest", "drained after", "CPU busy %", "steps / referral");
        foreach (var scenario in Scenarios(plain))
        {
            var outcome = Simulation.Run(scenario);
            if (outcome.Delivered != outcome.Arrived) throw new BrokenRunException($"In '{scenario.Name}' {outcome.Arrived - outcome.Delivered} referrals were lost.");
            table.Add(
                scenario.Name, outcome.Arrived.ToString("N0", CultureInfo.InvariantCulture), outcome.MostOpen.ToString("N0", CultureInfo.InvariantCulture), Text(outcome.P50), Text(outcome.P99), Text(outcome.Longest),
                outcome.Drained is { } drained ? Text(drained) : "", (100 * outcome.Busy).ToString("0.0", CultureInfo.InvariantCulture), ((double)outcome.Attempts / outcome.Arrived).ToString("0.00", CultureInfo.InvariantCulture));
        }

        table.Note("Delays run from an order's arrival to its delivery. Drained: from the outage's end until everything that had come before that end was delivered.");
        return table;
    }

    private static Scenario Plain(ScaleInputs inputs) => new()
    {
        Name = "a plain day", Seed = Machine.Seed, PerYear = inputs.PerYear, Ehrs = inputs.Ehrs, Recipients = inputs.Recipients, Cores = inputs.Cores,
        MaxInFlight = inputs.MaxInFlight, PerEhr = inputs.PerPartner, PerRecipient = inputs.PerPartner,
        GatherCpu = TimeSpan.FromMilliseconds(inputs.ServiceCpuMilliseconds * inputs.GatherShare), DeliverCpu = TimeSpan.FromMilliseconds(inputs.ServiceCpuMilliseconds * (1 - inputs.GatherShare)),
        GatherWait = TimeSpan.FromSeconds(inputs.GatherWaitSeconds), DeliverWait = TimeSpan.FromSeconds(inputs.DeliverWaitSeconds),
    };

    private static IEnumerable<Scenario> Scenarios(Scenario plain)
    {
        IReadOnlyList<Outage> fourHours = [new(true, null, Nine, TimeSpan.FromHours(13))];
        yield return plain;
        yield return plain with { Name = "three times as many", Peak = 3 };
        yield return plain with { Name = "forty times as many, one replica", Peak = 40, Replicas = 1 };
        yield return plain with { Name = "forty times as many, two replicas", Peak = 40 };
        yield return plain with { Name = "forty times as many, ten replicas", Peak = 40, Replicas = 10 };
        yield return plain with { Name = "one recipient away, 9 to 13 h", Outages = [new(true, 0, Nine, TimeSpan.FromHours(13))] };
        yield return plain with { Name = "one EHR away, 9 to 10 h", Outages = [new(false, 0, Nine, TimeSpan.FromHours(10))] };
        yield return plain with { Name = "all recipients away, 9 to 9:10 h", Outages = [new(true, null, Nine, Nine + TimeSpan.FromMinutes(10))] };
        yield return plain with { Name = "all recipients away, 9 to 13 h", Outages = fourHours };
        yield return plain with { Name = "the same, `Flow:LongestDelay` 10 min", LongestDelay = TimeSpan.FromMinutes(10), Outages = fourHours };
        yield return plain with { Name = "everybody away, 9 to 17 h", Outages = [new(true, null, Nine, TimeSpan.FromHours(17)), new(false, null, Nine, TimeSpan.FromHours(17))] };
    }

    /// <summary>Three digits at most behind the point, few where the number is large.</summary>
    private static string Text(double value) => value.ToString(value >= 100 ? "N0" : value >= 10 ? "0.#" : "0.###", CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => time switch
    {
        { TotalMinutes: < 2 } => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
        { TotalHours: < 3 } => $"{time.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)} min",
        _ => $"{time.TotalHours.ToString("0.0", CultureInfo.InvariantCulture)} h",
    };
}
