using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>
/// SIGKILL again and again: from outside at random moments, and from inside at the fault points, in each life another one. Of several replicas some are
/// stopped (SIGSTOP) and wake up again before they are killed.
/// </summary>
internal sealed class KillPhase : Phase
{
    /// <summary>Orders that only the first polls can find, so that a kill in the middle of one matters.</summary>
    private const int Preloaded = 300;

    /// <summary>In so many lives in a row a point was armed and not reached: it is not on this set-up's way.</summary>
    private const int GiveUpAfter = 4;

    private static readonly string[] Everywhere = ["K03", "K01", "K02", "K05", "K06", "K07", "K08", "K09", "K10", "K11", "K12"];
    private static readonly string[] WithBroker = ["K04", "K13", "K14", "K15"];
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Twice <c>Flow:Lease</c> of the replicas (<see cref="World"/>) nearly, so that others do a sleeper's work; not as long as a delivery's lease, because a
    /// sender that sleeps longer than that in the middle of a body is not covered (docs/faults.md).
    /// </summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(9);

    public override string Name => "kills";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.Kills > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        var points = new PointCycle([.. Everywhere, .. run.World.Broker is null ? [] : WithBroker], run.Plan.KillsOfEachPoint);
        run.Load.Preload(Name, Preloaded);
        var left = run.Plan.Kills;
        await UnderLoadAsync(run, () => Task.WhenAll(run.World.Replicas.Select(async replica =>
        {
            while (Interlocked.Decrement(ref left) >= 0 || points.Wanting)
            {
                // The orders of the first polls meet K03 first; then half of the lives end from outside.
                var point = points.First(run.Load.Draw(2) == 0);
                await LiveAsync(run, replica, point, points);
                run.Screen.Progress(run.Counts["kills"], run.Plan.Kills, $"{run.Load.Underway} under way");
            }
        })));
        foreach (var short_ in points.Missing())
        {
            run.Shortfalls.Enqueue(short_);
        }
    }

    private static async Task LiveAsync(ChaosRun run, ServiceReplica replica, string? point, PointCycle points)
    {
        if (replica.IsRunning)
        {
            await replica.KillAsync();
        }

        var before = Strikes(replica, point);
        // Commands are rare, and shared among the replicas: the first one.
        replica.FaultPoints = point is null ? null : $"{point}:kill@{(point == "K04" ? 1 : 1 + run.Load.Draw(3))}";
        replica.Launch();
        if (point is null)
        {
            // Also while it starts.
            if (run.Load.Draw(5) != 0)
            {
                await replica.ReadyAsync();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300 + run.Load.Draw(1700)), TimeProvider.System);
            if (run.World.Replicas.Count > 1 && replica.IsRunning && run.Load.Draw(4) == 0)
            {
                await SleepAsync(run, replica);
            }
        }
        else
        {
            await replica.ReadyAsync();
            for (var waited = TimeSpan.Zero; waited < Longest && replica.IsRunning; waited += TimeSpan.FromMilliseconds(50))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        await replica.KillAsync();
        await run.Watch.ReadCursorAsync();
        run.Count("kills");
        if (point is not null && points.Tell(point, struck: Strikes(replica, point) > before))
        {
            run.Count($"kills at {point}");
        }
    }

    /// <summary>It wakes up in the middle of what it did, and what it held may be another's by then.</summary>
    private static async Task SleepAsync(ChaosRun run, ServiceReplica replica)
    {
        Signals.Send(replica.ProcessId, Signals.Stop);
        await Task.Delay(TimeSpan.FromSeconds(1) + TimeSpan.FromMilliseconds(run.Load.Draw((int)(LongestSleep.TotalMilliseconds - 1000))), TimeProvider.System);
        Signals.Send(replica.ProcessId, Signals.Continue);
        await Task.Delay(TimeSpan.FromMilliseconds(300 + run.Load.Draw(1700)), TimeProvider.System);
        run.Count("stops");
    }

    private static int Strikes(ServiceReplica replica, string? point)
        => point is null || !File.Exists(replica.FaultLog) ? 0 : File.ReadLines(replica.FaultLog).Count(line => line == $"{point} kill");

    /// <summary>Which point is armed next, so that each gets its share.</summary>
    private sealed class PointCycle(IReadOnlyList<string> points, int wanted)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, (int Struck, int Missed)> _told = points.ToDictionary(p => p, _ => (0, 0));
        private int _next;

        /// <summary>A point has not struck often enough yet and is reached.</summary>
        public bool Wanting
        {
            get
            {
                lock (_gate)
                {
                    return _told.Values.Any(t => t.Struck < wanted && t.Missed < GiveUpAfter);
                }
            }
        }

        /// <returns>Null: from outside.</returns>
        public string? First(bool outside)
        {
            lock (_gate)
            {
                if (outside && _next > 0)
                {
                    return null;
                }

                var reached = points.Where(p => _told[p].Missed < GiveUpAfter).ToList();
                return reached.Count == 0 ? null : reached[_next++ % reached.Count];
            }
        }

        public bool Tell(string point, bool struck)
        {
            lock (_gate)
            {
                var (hits, missed) = _told[point];
                _told[point] = struck ? (hits + 1, 0) : (hits, missed + 1);
                return struck;
            }
        }

        public IEnumerable<string> Missing() => _told.Where(t => t.Value.Struck < wanted).Select(t => $"{t.Key} killed {t.Value.Struck} times of {wanted}");
    }
}
