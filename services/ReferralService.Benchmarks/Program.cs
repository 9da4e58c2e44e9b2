using ReferralService.Benchmarks;

// Figures as ratios of one run: absolute ones tell more of the machine than of the code. --quick: fewer rounds, smaller records.
bool quick = args.Contains("--quick");
await PackagingFigures.PrintAsync(resources: 300, rounds: quick ? 15 : 45);
if (!quick) await PackagingFigures.PrintAsync(resources: 20_000, rounds: 5);
