namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>The broker is killed, and stands still with its connections open.</summary>
internal sealed class BrokerPhase : Phase
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(15);

    public override string Name => "broker";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => setup == ChaosSetup.PostgreSql && plan.BrokerKills + plan.BrokerFreezes > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(null);
        await UnderLoadAsync(run, async () =>
        {
            var of = run.Plan.BrokerKills + run.Plan.BrokerFreezes;
            for (var i = 0; i < run.Plan.BrokerKills; i++)
            {
                await UnderwayAsync();
                await run.World.Broker!.KillAsync();
                await run.NameAsync("broker killed", "broker");
                await run.World.Broker.StartAsync();
                run.Count("broker kills");
                run.Screen.Progress(i + 1, of, "killed");
            }

            for (var i = 0; i < run.Plan.BrokerFreezes; i++)
            {
                await UnderwayAsync();
                run.World.Broker!.Freeze();
                var frozen = Task.Delay(Frozen, TimeProvider.System);
                await run.NameAsync("broker frozen", "broker");
                await frozen;
                run.World.Broker.Thaw();
                run.Count("broker freezes");
                run.Screen.Progress(run.Plan.BrokerKills + i + 1, of, "frozen");
            }

            await UnderwayAsync();
        });
    }

    private static Task UnderwayAsync() => Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
}
