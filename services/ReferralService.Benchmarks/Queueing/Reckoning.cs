namespace ReferralService.Benchmarks.Queueing;

/// <summary>A part that every referral uses, and how much of it there is.</summary>
/// <param name="PerReferral">Of the unit.</param>
/// <param name="OfOneReplica">Units a second that one replica brings; 0: it brings none.</param>
/// <param name="Shared">Units a second that there are however many replicas run; 0: none.</param>
internal sealed record Part(string Name, string Unit, double PerReferral, double OfOneReplica, double Shared)
{
    /// <summary>Referrals a second that this part allows.</summary>
    public double Allows(int replicas) => (OfOneReplica * replicas + Shared) / PerReferral;
}

/// <summary>How many referrals a second each part allows, and what a country needs: formulas of docs/scale.md. Pure.</summary>
internal static class Reckoning
{
    private const double SecondsOfYear = 365 * 86_400;

    /// <summary>Referrals a second in the busiest hour of the busiest day.</summary>
    /// <param name="hours">As <see cref="Scenario.Hours"/>.</param>
    public static double PeakRate(ScaleInputs inputs, IReadOnlyList<double> hours) => inputs.PerYear / SecondsOfYear * inputs.PeakDay * hours.Max() / hours.Average();

    public static IReadOnlyList<Part> Parts(ScaleInputs inputs) =>
    [
        new("processors of the service", "ms", inputs.ServiceCpuMilliseconds, 1e3 * inputs.Cores * inputs.Utilization, 0),
        new("places of the process (`Flow:MaxInFlight`)", "s", inputs.GatherWaitSeconds + inputs.DeliverWaitSeconds + inputs.ServiceCpuMilliseconds / 1e3, inputs.MaxInFlight, 0),
        new("places at the EHRs (`Flow:PerEhr`)", "s", inputs.GatherWaitSeconds + inputs.GatherShare * inputs.ServiceCpuMilliseconds / 1e3, 0, inputs.PerPartner * inputs.Ehrs),
        new("places at the recipients (`Flow:PerRecipient`)", "s", inputs.DeliverWaitSeconds + (1 - inputs.GatherShare) * inputs.ServiceCpuMilliseconds / 1e3, 0, inputs.PerPartner * inputs.Recipients),
        new("ledger, transitions on PostgreSQL", "transitions", inputs.TransitionsPerReferral, 0, inputs.TransitionsPerSecond * inputs.Utilization),
        new("status relay, confirmed events", "events", inputs.EventsPerReferral, inputs.EventsPerSecond * inputs.Utilization, 0),
        new("a wire of 1 Gbit/s", "MB", inputs.RecordMegabytes + inputs.PackageMegabytes, 125 * inputs.Utilization, 0),
    ];

    /// <summary>Bytes that lie in the vault once the first packages are deleted.</summary>
    public static double VaultBytes(ScaleInputs inputs) => inputs.PerYear * inputs.RetentionYears * inputs.PackageMegabytes * 1e6 * inputs.KeptShare;

    public static double LedgerBytes(ScaleInputs inputs) => inputs.PerYear * inputs.LedgerYears * inputs.LedgerBytes;

    /// <summary>Messages in the queue of a subscriber that is away for so long at the peak.</summary>
    public static double QueuedEvents(ScaleInputs inputs, double peakRate, TimeSpan away) => peakRate * inputs.EventsPerReferral * away.TotalSeconds;

    /// <summary>Bytes a second that the database writes for packages alone at the peak: into the table and into its log.</summary>
    public static double VaultWrites(ScaleInputs inputs, double peakRate) => 2 * peakRate * inputs.PackageMegabytes * 1e6 * inputs.KeptShare;
}
