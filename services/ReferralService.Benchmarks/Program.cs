using ReferralService.Benchmarks;
using ReferralService.Benchmarks.Report;
using ReferralService.Benchmarks.Walk;

if (args is [WorkerProcess.Word, .. var role])
{
    await WorkerProcess.ServeAsync(role);
    return 0;
}

var choices = Choices.Read(args);
var quick = choices.Quick;
var findings = new Findings(Machine.Describe());
await using var servers = new Servers();

if (choices.Wants("packaging")) await PackagingFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
if (choices.Wants("lint")) await LintFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
if (choices.Wants("relevance")) await RelevanceFigures.PrintAsync(rounds: quick ? 5 : 15);
if (choices.Wants("rooms")) await RoomFigures.PrintAsync(resources: 300, rounds: quick ? 5 : 15, referrals: 40, TimeSpan.FromSeconds(quick ? 10 : 15));
if (choices.Wants("walk")) await WalkFigures.FindAsync(choices, servers, findings);
if (choices.Wants("vault"))
{
    await VaultFigures.PrintAsync(megabytes: 20, rounds: quick ? 5 : 9);
    await VaultFigures.PrintPurgeAsync(referrals: quick ? 2_000 : 100_000, chunkBytes: 4096);
}

if (!quick && choices.Wants("packaging")) await PackagingFigures.PrintAsync(resources: 20_000, rounds: 5);
if (choices.Wants("ops")) await OpsFigures.PrintAsync(referrals: quick ? 5_000 : 100_000, Environment.GetEnvironmentVariable("REFERRAL_BENCHMARK_POSTGRESQL"));

var text = findings.Text(choices.Names);
Console.Write(text);
return 0;
