using ReferralService.Benchmarks;

// Figures as ratios of one run: absolute ones tell more of the machine than of the code. --quick: fewer rounds, smaller records.
bool quick = args.Contains("--quick");
await PackagingFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
await LintFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
await VaultFigures.PrintAsync(megabytes: 20, rounds: quick ? 5 : 9);
await VaultFigures.PrintPurgeAsync(referrals: quick ? 2_000 : 100_000, chunkBytes: 4096);
if (!quick) await PackagingFigures.PrintAsync(resources: 20_000, rounds: 5);
