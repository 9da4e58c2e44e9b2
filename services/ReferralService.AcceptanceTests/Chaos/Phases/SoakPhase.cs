using System.Diagnostics;

namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>An even load for a long time with one fault in a hundred: memory must stay flat, and all must arrive.</summary>
internal sealed class SoakPhase : Phase
{
    private static readonly string[] Points = ["K01", "K02", "K05", "K06", "K07", "K08", "K09", "K10", "K11", "K12"];

    public override string Name => "soak";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.Soak > TimeSpan.Zero;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(string.Join(';', Points.Select(p => $"{p}:throw%0.01")));
        var began = Stopwatch.GetTimestamp();
        var between = TimeSpan.FromSeconds(1.0 / run.Plan.SoakPerSecond);
        var telling = new List<Task>();
        run.Watch.Steady = true;
        for (var made = 0; Stopwatch.GetElapsedTime(began) < run.Plan.Soak; made++)
        {
            telling.Add(run.Load.HookUntilTakenAsync(run.Load.Write(Name).Order));
            if (run.Load.Draw(100) == 0)
            {
                run.World.Ways[run.Load.Draw(run.World.Ways.Count)].CutAll(reset: run.Load.Draw(2) == 0);
                run.Count("network faults");
            }

            telling.RemoveAll(t => t.IsCompletedSuccessfully);
            run.Count("soak referrals");
            run.Screen.Progress((int)Stopwatch.GetElapsedTime(began).TotalSeconds, (int)run.Plan.Soak.TotalSeconds, $"{run.Load.Underway} under way");
            var due = began + (long)((made + 1) * between.TotalSeconds * Stopwatch.Frequency);
            var wait = TimeSpan.FromSeconds((double)(due - Stopwatch.GetTimestamp()) / Stopwatch.Frequency);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System);
            }
        }

        run.Watch.Steady = false;
        await Task.WhenAll(telling);
        run.Count("soak strikes", run.Strikes().Count);
    }
}
