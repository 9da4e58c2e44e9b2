using ReferralService.AcceptanceTests.Chaos.Phases;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>What the command line asks for; null: it does not say.</summary>
internal sealed record ChaosWish
{
    public int? Kills { get; init; }
    public int? Seed { get; init; }
    public ChaosSetup? Setup { get; init; }
    public int? Replicas { get; init; }
    public bool Full { get; init; }
    public bool Long { get; init; }
    public IReadOnlyList<string> Phases { get; init; } = [];
    public int? SoakMinutes { get; init; }

    /// <summary>Processes on PostgreSQL unless said.</summary>
    public const int UsualReplicas = 3;

    public ChaosPlan Plan
    {
        get
        {
            var plan = Long ? ChaosPlan.Long : Full ? ChaosPlan.Full : ChaosPlan.Ci;
            plan = Kills is { } kills ? plan with { Kills = kills, KillsOfEachPoint = 0 } : plan;
            return SoakMinutes is { } minutes ? plan with { Soak = TimeSpan.FromMinutes(minutes) } : plan;
        }
    }

    /// <summary>Those wished for on which something of the wish can be done.</summary>
    public IReadOnlyList<ChaosSetup> Setups => [.. Asked.Where(setup => PhasesOn(setup).Any())];

    /// <summary>Why this cannot be run, in one line; null: it can.</summary>
    public string? Fault()
    {
        if (Kills < 1)
        {
            return "--kills: 1 or more";
        }

        if (Replicas is < 1 or > 16)
        {
            return "--replicas: 1 to 16";
        }

        if (SoakMinutes < 1)
        {
            return "--soak-minutes: 1 or more";
        }

        if (Full && Long)
        {
            return "--full and --long: one of them";
        }

        if (Replicas is not null && Setup == ChaosSetup.Sqlite)
        {
            return "--replicas: SQLite has one process; --setup postgresql";
        }

        if (Kills is not null && !Has("kills"))
        {
            return "--kills: without effect, --phase leaves kills out";
        }

        if (SoakMinutes is not null && !Has("soak"))
        {
            return "--soak-minutes: without effect, --phase leaves soak out";
        }

        return Phases.Select(PhaseFault).FirstOrDefault(fault => fault is not null);
    }

    private IEnumerable<ChaosSetup> Asked => Setup is { } one ? [one] : Enum.GetValues<ChaosSetup>();

    private bool Has(string phase) => Phases.Count == 0 || Phases.Contains(phase);

    private IEnumerable<Phase> PhasesOn(ChaosSetup setup) => Phase.All.Where(p => p.IsIn(Plan, setup) && Has(p.Name));

    private string? PhaseFault(string name)
    {
        if (Asked.Any(setup => PhasesOn(setup).Any(p => p.Name == name)))
        {
            return null;
        }

        var phase = Phase.All.Single(p => p.Name == name);
        return Enum.GetValues<ChaosSetup>().Where(setup => phase.IsIn(Plan, setup)).Select(setup => $"--phase {name}: only with --setup {setup.ToString().ToLowerInvariant()}").FirstOrDefault()
            ?? $"--phase {name}: only with --full or --long";
    }
}
