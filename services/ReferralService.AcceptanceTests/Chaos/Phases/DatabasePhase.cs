namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>kill -9 of the database's server and all its workers, and its return.</summary>
internal sealed class DatabasePhase : Phase
{
    public override string Name => "database";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => setup == ChaosSetup.PostgreSql && plan.DatabaseKills > 0;

    protected override async Task HarmAsync(ChaosRun run)
    {
        await run.RestartAllAsync(null);
        await UnderLoadAsync(run, async () =>
        {
            for (var i = 0; i < run.Plan.DatabaseKills; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
                await run.World.Database!.KillAsync();
                await run.NameAsync("database killed", "ledger");
                await run.World.Database.StartAsync();
                run.Count("database kills");
                run.Screen.Progress(i + 1, run.Plan.DatabaseKills);
            }

            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        });
    }
}
