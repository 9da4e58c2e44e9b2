using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>The network to every partner misbehaves; and while one recipient is a black hole, the others must not notice.</summary>
internal sealed class NetworkPhase : Phase
{
    private const int Samples = 40;

    public override string Name => "network";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.Cuts > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(null);
        await SampleAsync(run, trouble: false);
        await InTroubleAsync(run);
        await UnderLoadAsync(run, () => CutAsync(run));
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

    /// <summary>One recipient answers nothing, with twice as many referrals for it as for the one that is measured.</summary>
    private async Task InTroubleAsync(ChaosRun run)
    {
        var hole = run.World.Consultants.Single(c => c.Name == "transaction").Way;
        hole.ToClient = Trouble.BlackHole;
        await Task.WhenAll(Enumerable.Range(0, 2 * Samples).Select(_ => run.Load.HookUntilTakenAsync(run.Load.Write(Name, "transaction").Order)));
        await SampleAsync(run, trouble: true);
        hole.CutAll();
        run.World.Heal();
    }

    private async Task SampleAsync(ChaosRun run, bool trouble)
    {
        // The first ones warm the process up.
        for (var i = -10; i < Samples; i++)
        {
            var (order, arrived) = run.Load.Write(Name, "put");
            await run.Load.HookUntilTakenAsync(order);
            var took = await arrived.WaitAsync(TimeSpan.FromSeconds(60));
            if (i >= 0)
            {
                run.Latencies.Enqueue(new LatencySample("put", trouble, took));
            }

            run.Screen.Progress(Math.Max(0, i + 1), Samples, trouble ? "beside a black hole" : "undisturbed");
        }
    }
}
