namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>Every order told of several times, all copies of all orders shuffled, many at once.</summary>
internal sealed class TriggerPhase : Phase
{
    private const int AtOnce = 32;

    public override string Name => "triggers";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.Triggers > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(null);
        var orders = Enumerable.Range(0, run.Plan.Triggers).Select(_ => run.Load.Write(Name).Order).ToList();
        var copies = orders.SelectMany(order => Enumerable.Repeat(order, run.Plan.Copies)).OrderBy(_ => run.Load.Draw(int.MaxValue)).ToList();
        var sent = 0;
        await Parallel.ForEachAsync(copies, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (order, _) =>
        {
            await run.Load.HookUntilTakenAsync(order);
            run.Screen.Progress(Interlocked.Increment(ref sent), copies.Count, "copies sent");
        });
        run.Count("triggers", orders.Count);
        run.Count("copies", copies.Count);
    }
}
