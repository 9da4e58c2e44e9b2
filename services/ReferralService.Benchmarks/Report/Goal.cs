namespace ReferralService.Benchmarks.Report;

/// <summary>What a figure is to reach. The list is closed: a run without names must say something of each.</summary>
/// <param name="Id">As in the table of goals; several figures may share one.</param>
/// <param name="Figure">Name of the figure that measures it: what to run for this goal alone.</param>
/// <param name="AtLeast">Else at most.</param>
/// <param name="Format">Of goal and figure alike.</param>
internal sealed record Goal(string Id, string What, string Figure, bool AtLeast, double Bound, string Format = "0.00")
{
    public static readonly Goal WalkSqlite = new("G1", "walk, referrals/s / B1's, 8 in flight, SQLite FULL + RabbitMQ, every event confirmed", "walk", true, 0.60);
    public static readonly Goal WalkPostgreSql = new("G1", "the same on PostgreSQL + RabbitMQ", "walk", true, 0.50);
    public static readonly Goal WalkCpu = new("G2", "service CPU per referral / B1's client", "walk", false, 2.5);
    public static readonly Goal Packaging = new("G3", "packaging, speed / Utf8JsonReader tokenizing the same bodies", "micro", true, 0.65);
    public static readonly Goal Allocations = new("G4", "bytes allocated per referral / bytes of its record", "walk", false, 0.15, "0.000");
    public static readonly Goal PackagingAllocations = new("G4", "the same of packaging alone", "micro", false, 0.01, "0.000");
    public static readonly Goal LargeObjects = new("G4", "bytes on the large object heap per referral, warm", "walk", false, 0, "0");
    public static readonly Goal PeakMemory = new("G5", "peak RSS of a record of 200 MB, MiB", "size", false, 128, "0");
    public static readonly Goal MemoryAboveIdle = new("G5", "the same above idle, MiB", "size", false, 48, "0");
    public static readonly Goal AgainstDocument = new("G6b", "packaging, JsonDocument's time / ours", "micro", true, 3.5, "0.0");
    public static readonly Goal AgainstNode = new("G6b", "packaging, JsonNode's time / ours", "micro", true, 7, "0.0");
    public static readonly Goal Linear = new("G7", "CPU per MB at 13 MB / at 0.7 MB, what each referral costs anyhow taken off", "size", false, 1.1);
    public static readonly Goal Backlog = new("G8", "referrals/s with 1 million rows in the ledger / with 10 thousand", "backlog", true, 0.95);
    public static readonly Goal ListPage = new("G8", "a page of the list with so many, ms", "backlog", false, 150, "0.0");
    public static readonly Goal GroupCommit = new("G9", "transitions/s with 8 producers / one at a time, SQLite FULL", "store", true, 3.5);
    public static readonly Goal Relay = new("G10", "status relay, events/s / raw RabbitMQ.Client's at the same outstanding confirms", "relay", true, 0.7);
    public static readonly Goal Alone = new("G11", "p50 of one referral alone / B0's", "latency", false, 3);
    public static readonly Goal Chain = new("G11", "time at an EHR of 50 ms a page / (longest chain of pages × 50 ms + 10 ms)", "latency", false, 1);
    public static readonly Goal WarmUp = new("G12", "CPU of the first 500 referrals / warmed", "walk", false, 1.4);
    public static readonly Goal ColdStart = new("G12", "cold start to ready, s", "walk", false, 2);
    public static readonly Goal Intake = new("G13", "notifications accepted with a durable commit per s / referrals per s", "intake", true, 15, "0.0");
    public static readonly Goal BacklogMemory = new("G13", "RSS under a backlog of 100,000 above that without, MiB", "backlog", false, 32, "0");
    public static readonly Goal Fidelity = new("G14", "bytes outside rewritten references unchanged, %", "fidelity", true, 100, "0.00");
    public static readonly Goal Isolation = new("isolation", "one recipient of ten hangs 29 s a request: the others' p95 / without", "isolation", false, 1.3);

    public static IReadOnlyList<Goal> All { get; } =
    [
        WalkSqlite, WalkPostgreSql, WalkCpu, Packaging, Allocations, PackagingAllocations, LargeObjects, PeakMemory, MemoryAboveIdle, AgainstDocument, AgainstNode, Linear,
        Backlog, ListPage, GroupCommit, Relay, Alone, Chain, WarmUp, ColdStart, Intake, BacklogMemory, Fidelity, Isolation,
    ];

    public bool IsReached(double figure) => AtLeast ? figure >= Bound : figure <= Bound;
}
