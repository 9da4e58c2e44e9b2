using System.Diagnostics;

namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>Thousands of notifications within seconds: each is taken, or told to come again later; what was turned away is found by the poll.</summary>
internal sealed class BurstPhase : Phase
{
    private const int AtOnce = 64;
    private const int Copies = 5;

    public override string Name => "burst";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.Burst > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(null);
        var orders = Enumerable.Range(0, run.Plan.Burst / Copies).Select(_ => run.Load.Write(Name).Order).ToList();
        var copies = orders.SelectMany(order => Enumerable.Repeat(order, Copies)).OrderBy(_ => run.Load.Draw(int.MaxValue)).ToList();
        var (began, sent, wrong) = (Stopwatch.GetTimestamp(), 0, 0);
        await Parallel.ForEachAsync(copies, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (order, _) =>
        {
            if (await run.Load.HookAsync(order) is not ((202, _) or (429, true)))
            {
                Interlocked.Increment(ref wrong);
            }

            run.Screen.Progress(Interlocked.Increment(ref sent), copies.Count, "sent");
        });
        var took = Stopwatch.GetElapsedTime(began);
        run.Screen.Say($"  {copies.Count} notifications in {took.TotalSeconds:F1} s, {wrong} answered otherwise than 202 or 429");
        run.Count("burst notifications", copies.Count);
        if (took > run.Plan.BurstWithin)
        {
            run.Shortfalls.Enqueue($"the burst took {took.TotalSeconds:F1} s of {run.Plan.BurstWithin.TotalSeconds} s");
        }

        if (wrong > 0)
        {
            run.Shortfalls.Enqueue($"{wrong} notifications of the burst were answered neither 202 nor 429 with Retry-After");
        }
    }
}
