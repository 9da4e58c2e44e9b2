namespace ReferralService.Benchmarks.Queueing;

/// <summary>A partner that answers nothing from an instant on; times count from the start of the simulation.</summary>
/// <param name="Recipient">Else an EHR.</param>
/// <param name="Partner">Its number; null: all of its side.</param>
internal sealed record Outage(bool Recipient, int? Partner, TimeSpan From, TimeSpan Until)
{
    public bool Covers(bool recipient, int partner, TimeSpan at) => recipient == Recipient && (Partner ?? partner) == partner && at >= From && at < Until;
}

/// <summary>What is simulated. Costs are inputs: measured elsewhere, put in here.</summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    /// <summary>Referrals a year, spread over the days alike and over the hours as <see cref="Hours"/> says.</summary>
    public double PerYear { get; init; } = 10_000_000;

    /// <summary>Everything comes so many times as often: a Monday after holidays.</summary>
    public double Peak { get; init; } = 1;

    /// <summary>How much of a day comes in each hour; only their proportions count. Clinics order in the morning and early afternoon.</summary>
    public IReadOnlyList<double> Hours { get; init; } = [1, 1, 1, 1, 1, 2, 5, 12, 20, 22, 22, 20, 14, 16, 18, 16, 12, 8, 5, 4, 3, 2, 1, 1];

    public TimeSpan Length { get; init; } = TimeSpan.FromDays(1);

    public int Ehrs { get; init; } = 50;

    public int Recipients { get; init; } = 200;

    public int Replicas { get; init; } = 2;

    /// <summary>Of each replica.</summary>
    public int Cores { get; init; } = 2;

    /// <summary><c>Flow:MaxInFlight</c> of each replica, <c>Flow:PerEhr</c> and <c>Flow:PerRecipient</c> of all together.</summary>
    public int MaxInFlight { get; init; } = 32;

    public int PerEhr { get; init; } = 8;

    public int PerRecipient { get; init; } = 8;

    /// <summary><c>Flow:LongestDelay</c>.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Processor time of the service for a gathering and packaging, and for a delivery.</summary>
    public required TimeSpan GatherCpu { get; init; }

    public required TimeSpan DeliverCpu { get; init; }

    /// <summary>How long partners let it wait: the EHR along the longest chain of its answers, the recipient for its one.</summary>
    public TimeSpan GatherWait { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan DeliverWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an attempt lasts before it is known that the partner is away.</summary>
    public TimeSpan FailAfter { get; init; } = TimeSpan.FromSeconds(5);

    public IReadOnlyList<Outage> Outages { get; init; } = [];

    public required int Seed { get; init; }

    /// <summary>When outages are over; zero: there are none.</summary>
    public TimeSpan LastOutageEnds => Outages.Count == 0 ? TimeSpan.Zero : Outages.Max(outage => outage.Until);
}

/// <summary>What came of it. Delays run from an order's arrival until its delivery.</summary>
/// <param name="MostOpen">The highest number of referrals that were under way or waiting at one time.</param>
/// <param name="Drained">From the end of the last outage until no referral was open any more that had come before that end; null: there was no outage.</param>
/// <param name="Busy">Share of the processors' time that was used until the last delivery.</param>
/// <param name="Attempts">Steps that were begun, failed ones included.</param>
internal sealed record Outcome(int Arrived, int Delivered, int MostOpen, TimeSpan? Drained, TimeSpan P50, TimeSpan P99, TimeSpan Longest, double Busy, long Attempts, double MeanOpen, TimeSpan MeanDelay, TimeSpan End);
