namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>One kind of harm, done to a running set-up under load. Ends with everything healed and drained.</summary>
internal abstract class Phase
{
    /// <summary>As given to <c>--phase</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the plan wants any of it on this set-up.</summary>
    public abstract bool IsIn(ChaosPlan plan, ChaosSetup setup);

    public async Task RunAsync(ChaosRun run)
    {
        run.Screen.Phase(Name);
        await HarmAsync(run);
        await run.QuietAsync(Name);
    }

    public static IReadOnlyList<Phase> All { get; } =
        [new KillPhase(), new SoftCrashPhase(), new NetworkPhase(), new LedgerFaultPhase(), new BrokerPhase(), new DatabasePhase(), new TriggerPhase(), new BurstPhase(), new SoakPhase()];

    protected abstract Task HarmAsync(ChaosRun run);

    /// <summary>Does harm while so many referrals are kept under way.</summary>
    protected async Task UnderLoadAsync(ChaosRun run, Func<Task> harm, int? underway = null)
    {
        using var stop = new CancellationTokenSource();
        var load = run.Load.KeepAsync(Name, underway ?? run.Plan.InFlight, stop.Token);
        try
        {
            await harm();
        }
        finally
        {
            await stop.CancelAsync();
            run.World.Heal();
            // Whoever still tells needs somebody who listens.
            await run.RestartAllAsync(null);
            await load;
        }
    }
}
