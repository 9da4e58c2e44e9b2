using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Faults;

namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>The network to every partner misbehaves; while one recipient is a black hole, known before or not, the others must not notice; and an EHR that fails is not asked in a loop.</summary>
internal sealed class NetworkPhase : Phase
{
    private const int Samples = 40;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>Longer than the ten seconds over which I7 counts.</summary>
    private static readonly TimeSpan Failing = TimeSpan.FromSeconds(14);

    public override string Name => "network";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.Cuts > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(null);
        await WarmUpAsync(run);
        await SampleAsync(run, beside: null);
        await InTroubleAsync(run, World.Stranger);
        await InTroubleAsync(run, "transaction");
        await UnderLoadAsync(run, () => CutAsync(run));
        await FailingAsync(run);
    }

    private static async Task CutAsync(ChaosRun run)
    {
        for (var cut = 0; cut < run.Plan.Cuts; cut++)
        {
            var way = run.World.Ways[run.Load.Draw(run.World.Ways.Count)];
            await HarmAsync(run, way);
            run.Count("network faults");
            run.Screen.Progress(cut + 1, run.Plan.Cuts, $"{run.Load.Underway} under way");
            await Task.Delay(TimeSpan.FromMilliseconds(100 + run.Load.Draw(300)), TimeProvider.System);
        }
    }

    private static async Task HarmAsync(ChaosRun run, FaultProxy way)
    {
        switch (run.Load.Draw(7))
        {
            case 0:
                way.CutAll();
                break;
            case 1:
                way.CutAll(reset: true);
                break;
            case 2:
                var sent = run.Load.Draw(4000);
                way.PlanNext(c => c.ToServer = Trouble.CutAt(sent));
                way.CutAll();
                break;
            case 3:
                var got = run.Load.Draw(4000);
                way.PlanNext(c => c.ToClient = Trouble.ResetAt(got));
                way.CutAll();
                break;
            case 4:
                way.ToClient = Trouble.BlackHole;
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
                way.CutAll();
                way.ToClient = Trouble.None;
                break;
            case 5:
                way.ToServer = Trouble.Late(TimeSpan.FromMilliseconds(200));
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
                way.ToServer = Trouble.None;
                break;
            default:
                await way.RefuseAsync();
                way.CutAll();
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
                way.Listen();
                break;
        }
    }

    /// <summary>One recipient answers nothing, with twice as many referrals for it as for the one that is measured. The stranger not even its first /metadata.</summary>
    private async Task InTroubleAsync(ChaosRun run, string recipient)
    {
        var hole = run.World.Consultants.Single(c => c.Name == recipient).Way;
        hole.ToClient = Trouble.BlackHole;
        var orders = Enumerable.Range(0, 2 * Samples).Select(_ => run.Load.Write(Name, recipient)).ToList();
        await Task.WhenAll(orders.Select(one => run.Load.HookUntilTakenAsync(one.Order)));
        await PulledAsync(run);
        await SampleAsync(run, recipient);
        hole.CutAll();
        run.World.Heal();
        run.Screen.Say($"  {hole.Connections} connections to {recipient}; its backlog goes out");
        // What waited is no load for the next measurement. What never comes, I1 and I9 say.
        await Task.WhenAny(Task.WhenAll(orders.Select(one => one.Arrived)), Task.Delay(Longest, TimeProvider.System));
    }

    /// <summary>The EHR answers, and of a patient always with 503. Three at once are too few for the breaker: the pauses between its requests alone keep the service from a loop.</summary>
    private async Task FailingAsync(ChaosRun run)
    {
        run.World.Ehr.Faults.Add(new Fault { Method = "GET", Path = "^/Patient/", Status = 503, Times = null });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => run.Load.HookUntilTakenAsync(run.Load.Write(Name, "put").Order)));
        await Task.Delay(Failing, TimeProvider.System);
        run.World.Heal();
    }

    /// <summary>At an even pace, whatever became of the one before: a service that stood still for seconds shows it in many of them.</summary>
    private async Task SampleAsync(ChaosRun run, string? beside)
    {
        var took = new List<Task<TimeSpan?>>();
        for (var i = 0; i < Samples; i++)
        {
            var (order, arrived) = run.Load.Write(Name, "put");
            await run.Load.HookUntilTakenAsync(order);
            took.Add(WithinAsync(arrived));
            run.Screen.Progress(i + 1, Samples, beside is null ? "undisturbed" : $"beside {beside}, a black hole");
            await Task.Delay(Pace, TimeProvider.System);
        }

        var samples = await Task.WhenAll(took);
        run.Screen.Say($"  {(beside is null ? "undisturbed" : $"beside {beside}")}, ms in order: {string.Join(' ', samples.Select(s => s is { } came ? $"{came.TotalMilliseconds:F0}" : "none"))}");
        foreach (var sample in samples)
        {
            run.Latencies.Enqueue(new LatencySample("put", beside, sample));
        }
    }

    /// <summary>Null: not within <see cref="Longest"/>, which I6 refuses; what became of it, I1 says.</summary>
    private static async Task<TimeSpan?> WithinAsync(Task<TimeSpan> arrived)
        => await Task.WhenAny(arrived, Task.Delay(Longest, TimeProvider.System)) == arrived ? await arrived : null;

    /// <summary>The first ones warm the process up, and it gets to know each recipient but the stranger.</summary>
    private async Task WarmUpAsync(ChaosRun run)
    {
        for (var i = 0; i < 12; i++)
        {
            var (order, arrived) = run.Load.Write(Name, run.World.Regulars[i % run.World.Regulars.Count].Name);
            await run.Load.HookUntilTakenAsync(order);
            await arrived.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>Until nothing more is pulled: records of those that will hang share the EHR's places with the others', and that is no trouble of the recipient's.</summary>
    private static async Task PulledAsync(ChaosRun run)
    {
        for (var (looks, seen) = (0, -1L); looks < 40 && run.World.Ehr.Requests.Count != seen; looks++)
        {
            seen = run.World.Ehr.Requests.Count;
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System);
        }
    }
}
