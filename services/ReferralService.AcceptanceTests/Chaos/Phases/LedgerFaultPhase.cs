namespace ReferralService.AcceptanceTests.Chaos.Phases;

/// <summary>SQLITE_BUSY and SQLITE_FULL, as SQLite itself reports them, at the commit of the one writer.</summary>
internal sealed class LedgerFaultPhase : Phase
{
    public override string Name => "ledger";

    public override bool IsIn(ChaosPlan plan, ChaosSetup setup) => plan.LedgerFaults > 0 && setup == ChaosSetup.Sqlite;

    protected override Task HarmAsync(ChaosRun run) => UnderLoadAsync(run, async () =>
    {
        await run.RestartAllAsync("D01:sqlite-busy%0.1;D02:sqlite-full%0.1");
        await SoftCrashPhase.StrikesAsync(run, " sqlite-", run.Plan.LedgerFaults, "ledger faults", TimeSpan.FromSeconds(45));
    }, underway: 60);
}
