using ReferralService.Benchmarks;
using ReferralService.Benchmarks.Walk;

if (args is [WorkerProcess.Word, .. var role])
{
    await WorkerProcess.ServeAsync(role);
    return;
}

// Figures as ratios of one run: absolute ones tell more of the machine than of the code. --quick: fewer rounds, smaller records. Names: only these.
bool quick = args.Contains("--quick");
string[] named = [.. args.Where(a => !a.StartsWith('-'))];
bool Wanted(string figure) => named.Length == 0 || named.Contains(figure);

if (Wanted("packaging")) await PackagingFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
if (Wanted("lint")) await LintFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
if (Wanted("relevance")) await RelevanceFigures.PrintAsync(rounds: quick ? 5 : 15);
if (Wanted("rooms")) await RoomFigures.PrintAsync(resources: 300, rounds: quick ? 5 : 15, referrals: 40, TimeSpan.FromSeconds(quick ? 10 : 15));
if (Wanted("walk")) await WalkFigures.PrintAsync(resources: 300, rounds: quick ? 3 : 7, referrals: quick ? 60 : 200, rabbit: true, quick ? [8] : [1, 4, 8, 16], TimeSpan.FromSeconds(quick ? 8 : 20));
if (Wanted("vault"))
{
    await VaultFigures.PrintAsync(megabytes: 20, rounds: quick ? 5 : 9);
    await VaultFigures.PrintPurgeAsync(referrals: quick ? 2_000 : 100_000, chunkBytes: 4096);
}

if (!quick && Wanted("packaging")) await PackagingFigures.PrintAsync(resources: 20_000, rounds: 5);
if (Wanted("ops")) await OpsFigures.PrintAsync(referrals: quick ? 5_000 : 100_000, Environment.GetEnvironmentVariable("REFERRAL_BENCHMARK_POSTGRESQL"));
