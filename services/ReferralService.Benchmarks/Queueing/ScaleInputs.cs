namespace ReferralService.Benchmarks.Queueing;

/// <summary>What the reckoning of docs/scale.md starts from. Measured values come from the tables of docs/performance.md; change them here, and write the page anew.</summary>
internal sealed record ScaleInputs
{
    /// <summary>Of the service for one referral of 300 results, warm: figure <c>walk</c>, PostgreSQL and RabbitMQ, 8 in flight.</summary>
    public double ServiceCpuMilliseconds { get; init; } = 26;

    /// <summary>The part of it that gathers and packages (figure <c>rooms</c> over <c>walk</c>); the rest delivers and writes down.</summary>
    public double GatherShare { get; init; } = 0.53;

    /// <summary>Figure <c>store</c>, PostgreSQL, 8 producers. One server for all replicas.</summary>
    public double TransitionsPerSecond { get; init; } = 1_980;

    /// <summary>Created, claimed, begun, packaged, taken up (ADR 0018), attempt begun, delivered; the relay's own statements go by the hundred.</summary>
    public double TransitionsPerReferral { get; init; } = 7;

    /// <summary>Figure <c>relay</c>, the service's own rate. One relay in each replica.</summary>
    public double EventsPerSecond { get; init; } = 14_700;

    /// <summary>Received, gathered, packaged, delivered.</summary>
    public double EventsPerReferral { get; init; } = 4;

    public double EventBytes { get; init; } = 1_000;

    /// <summary>Figure <c>walk</c>: a package of 300 results, and the pages it is made of.</summary>
    public double PackageMegabytes { get; init; } = 0.70;

    public double RecordMegabytes { get; init; } = 0.65;

    /// <summary>What the vault keeps of it: 1 without <c>Vault:Compress</c>. Generated text shrinks to a tenth, and real records less: a quarter is assumed, not measured.</summary>
    public double KeptShare { get; init; } = 0.25;

    /// <summary>State, timeline, disclosure and indices: docs/sizing.md.</summary>
    public double LedgerBytes { get; init; } = 4_096;

    /// <summary>Of the country, and how many times the mean day the busiest is.</summary>
    public double PerYear { get; init; } = 10_000_000;

    public double PeakDay { get; init; } = 3;

    public double RetentionYears { get; init; } = 1;

    /// <summary><c>Vault:DisclosureRetention</c>; timelines are kept at least as long.</summary>
    public double LedgerYears { get; init; } = 6;

    public int Cores { get; init; } = 2;

    /// <summary>How busy processors and servers may be at the peak.</summary>
    public double Utilization { get; init; } = 0.6;

    /// <summary>How long partners let a referral wait, both steps together: an EHR of 200 ms an answer along a chain of five, and a recipient.</summary>
    public double GatherWaitSeconds { get; init; } = 1;

    public double DeliverWaitSeconds { get; init; } = 0.5;

    /// <summary>Defaults of <c>Flow</c>.</summary>
    public int MaxInFlight { get; init; } = 32;

    public int PerPartner { get; init; } = 8;

    public int Ehrs { get; init; } = 50;

    public int Recipients { get; init; } = 200;

    public static ScaleInputs Now { get; } = new();
}
