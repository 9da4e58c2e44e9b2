using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Micro;

/// <summary>The pieces of work by BenchmarkDotNet, against reading the same bytes once and against trees of objects.</summary>
internal static class MicroFigures
{
    public static void Find(Choices choices, Findings findings)
    {
        var artifacts = Directory.CreateTempSubdirectory("micro-figures-");
        try
        {
            Warm(choices.Quick ? TimeSpan.FromSeconds(5) : choices.Warm);
            // In this process: another would be built first, with a package feed at hand.
            var job = Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(choices.Quick ? 60 : 250))
                .WithEvaluateOverhead(false).WithWarmupCount(choices.Quick ? 3 : 10).WithIterationCount(Math.Max(choices.Quick ? 5 : 15, choices.Rounds));
            var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddLogger(NullLogger.Instance).AddColumnProvider(DefaultColumnProviders.Instance)
                .WithArtifactsPath(artifacts.FullName).WithOptions(ConfigOptions.DisableLogFile);
            var summary = BenchmarkRunner.Run<MicroCases>(config);
            if (summary.HasCriticalValidationErrors || summary.Reports.Any(report => report.ResultStatistics is null))
            {
                throw new BrokenRunException($"The micro benchmarks did not run: {string.Join("; ", summary.ValidationErrors.Select(e => e.Message))}");
            }

            Tell(findings, summary.Reports.ToDictionary(
                report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
                report => (report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\''), Time: new Spread(report.ResultStatistics!.Median / 1e6, report.ResultStatistics.Min / 1e6, report.ResultStatistics.Max / 1e6),
                    (double)(report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0))));
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    /// <summary>All by turns: the compiler takes seconds to have optimized what runs often, more than the rounds before those that count.</summary>
    private static void Warm(TimeSpan warm)
    {
        var cases = new MicroCases();
        cases.Prepare();
        var until = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(until) < warm)
        {
            cases.Copy();
            cases.Tokenize();
            cases.ReadPages().GetAwaiter().GetResult();
            cases.FindReferences();
            cases.Lint();
            cases.Hash();
            cases.Manifest().GetAwaiter().GetResult();
            cases.StepOfTransaction().GetAwaiter().GetResult();
            cases.StepOfCollection().GetAwaiter().GetResult();
            cases.Narrative();
            cases.Document().GetAwaiter().GetResult();
            cases.Collection().GetAwaiter().GetResult();
            cases.Transaction().GetAwaiter().GetResult();
            cases.DocumentTree();
            cases.NodeTree();
        }
    }

    private static void Tell(Findings findings, Dictionary<string, (string Name, Spread Time, double Allocated)> cases)
    {
        double bytes = new SampleRecord(300).Bytes;
        double Ratio(string these, string those) => cases[these].Time.Median / cases[those].Time.Median;
        var table = new Table($"Micro: a record of 300 results, {bytes / 1e6:0.00} MB, in memory; BenchmarkDotNet in process, medians (least and most)", "work", "/ tokenize", "ms", "MB/s", "allocated / byte");
        foreach (var (_, (name, time, allocated)) in cases)
        {
            table.Add(
                name, (time.Median / cases[nameof(MicroCases.Tokenize)].Time.Median).ToString("0.00", CultureInfo.InvariantCulture), time.Text("0.000"),
                (bytes / 1e3 / time.Median).ToString("0", CultureInfo.InvariantCulture), (allocated / bytes).ToString("0.000", CultureInfo.InvariantCulture));
        }

        findings.Add(table);
        findings.Set(Goal.Packaging, Ratio(nameof(MicroCases.Tokenize), nameof(MicroCases.StepOfTransaction)), "the step of a transaction: order, fullUrls, references rewritten, Bundle written; of a document see the table, and there consent, lint, narrative and manifest, too");
        findings.Set(Goal.PackagingAllocations, cases[nameof(MicroCases.StepOfTransaction)].Allocated / bytes, "the same step");
        findings.Set(Goal.AgainstDocument, Ratio(nameof(MicroCases.DocumentTree), nameof(MicroCases.StepOfTransaction)), "the same step");
        findings.Set(Goal.AgainstNode, Ratio(nameof(MicroCases.NodeTree), nameof(MicroCases.StepOfTransaction)), "the same step");
    }
}
