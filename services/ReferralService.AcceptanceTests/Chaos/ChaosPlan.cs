namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>What the service stands on.</summary>
internal enum ChaosSetup
{
    /// <summary>One process, SQLite, the bus in memory.</summary>
    Sqlite,

    /// <summary>Several processes, PostgreSQL, RabbitMQ.</summary>
    PostgreSql,
}

/// <summary>How much of what is done. A zero leaves it out.</summary>
internal sealed record ChaosPlan
{
    /// <summary>SIGKILLs, from outside and at fault points.</summary>
    public int Kills { get; init; }

    /// <summary>Each fault point must have killed at least so often.</summary>
    public int KillsOfEachPoint { get; init; }

    /// <summary>Referrals under way while processes are killed.</summary>
    public int InFlight { get; init; } = 20;

    /// <summary>Exceptions thrown at fault points.</summary>
    public int SoftCrashes { get; init; }

    /// <summary>Connections cut, reset, truncated, held, delayed or slowed.</summary>
    public int Cuts { get; init; }

    /// <summary>SQLITE_BUSY and SQLITE_FULL at the ledger's commit.</summary>
    public int LedgerFaults { get; init; }

    public int BrokerKills { get; init; }
    public int BrokerFreezes { get; init; }
    public int DatabaseKills { get; init; }

    /// <summary>Orders told of <see cref="Copies"/> times each, all copies of all orders shuffled.</summary>
    public int Triggers { get; init; }
    public int Copies { get; init; } = 5;

    /// <summary>Notifications within <see cref="BurstWithin"/>, about a fifth as many orders.</summary>
    public int Burst { get; init; }
    public TimeSpan BurstWithin { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan Soak { get; init; }
    public int SoakPerSecond { get; init; } = 5;

    /// <summary>How long a backlog may take once the last fault is gone: many times <c>Flow:LongestDelay</c> of the replicas (<see cref="World"/>), lease and poll.</summary>
    public TimeSpan DrainCeiling { get; init; } = TimeSpan.FromMinutes(3);

    public static readonly ChaosPlan Ci = new()
    {
        Kills = 40, SoftCrashes = 300, Cuts = 40, LedgerFaults = 200, BrokerKills = 1, BrokerFreezes = 1, DatabaseKills = 1, Triggers = 1_000,
    };

    public static readonly ChaosPlan Full = new()
    {
        Kills = 500, KillsOfEachPoint = 20, SoftCrashes = 2_000, Cuts = 200, LedgerFaults = 1_000, BrokerKills = 3, BrokerFreezes = 2, DatabaseKills = 3, Triggers = 1_000,
        Burst = 10_000, Soak = TimeSpan.FromMinutes(20),
    };

    public static readonly ChaosPlan Long = Full with { Kills = 5_000, KillsOfEachPoint = 200, SoftCrashes = 20_000, Cuts = 2_000, Soak = TimeSpan.FromSeconds(4_000) };
}
