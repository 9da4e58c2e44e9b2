namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>Exceptions out of nowhere at every fault point: the process lives on and must not lose its way.</summary>
internal sealed class SoftCrashPhase : Phase
{
    private static readonly string[] Everywhere = ["K01", "K02", "K03", "K05", "K06", "K07", "K08", "K09", "K10", "K11", "K12"];

    /// <summary>After a failure of the relay or the command reader comes a pause of seconds, so these strike rarely.</summary>
    private static readonly string[] WithBroker = ["K04", "K13", "K14", "K15"];

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(45);

    public override string Name => "soft";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.SoftCrashes > 0;

    protected override Task HarmAsync(ChaosRun run) => UnderLoadAsync(run, async () =>
    {
        var points = Everywhere.Select(p => $"{p}:throw%0.1");
        await run.RestartAllAsync(string.Join(';', run.World.Broker is null ? points : points.Concat(WithBroker.Select(p => $"{p}:throw%0.01"))));
        await StrikesAsync(run, " throw", run.Plan.SoftCrashes, "soft crashes", Ceiling);
    }, underway: 150);

    /// <summary>Waits until so many strikes are in the log; that they stop coming is a shortfall.</summary>
    internal static async Task StrikesAsync(ChaosRun run, string kind, int wanted, string name, TimeSpan withoutAny)
    {
        var before = run.Strikes().Count(s => s.Contains(kind, StringComparison.Ordinal));
        var (struck, since) = (0, TimeProvider.System.GetTimestamp());
        while (struck < wanted && TimeProvider.System.GetElapsedTime(since) < withoutAny)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            var now = run.Strikes().Count(s => s.Contains(kind, StringComparison.Ordinal)) - before;
            if (now > struck)
            {
                (struck, since) = (now, TimeProvider.System.GetTimestamp());
            }

            run.Screen.Progress(struck, wanted, $"{run.Load.Underway} under way");
        }

        run.Count(name, struck);
        if (struck < wanted)
        {
            run.Shortfalls.Enqueue($"{name}: {struck} of {wanted}");
        }
    }
}
