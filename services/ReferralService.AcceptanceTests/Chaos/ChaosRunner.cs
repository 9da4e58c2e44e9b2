using System.Diagnostics;
using ReferralService.AcceptanceTests.Chaos.Invariants;
using ReferralService.AcceptanceTests.Chaos.Phases;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Runs the phases of a plan on one set-up and judges what is left.</summary>
internal static class ChaosRunner
{
    /// <param name="phases">By name; empty: all that the plan has.</param>
    public static async Task<ChaosResult> RunAsync(ChaosSetup setup, ChaosPlan plan, IReadOnlyCollection<string> phases, int replicas, int seed, ChaosScreen screen)
    {
        var began = Stopwatch.GetTimestamp();
        screen.Say($"{setup}: starting, seed {seed}");
        await using var run = await ChaosRun.StartAsync(setup, plan, replicas, seed, screen);
        foreach (var phase in Phase.All.Where(p => p.IsIn(plan, setup) && (phases.Count == 0 || phases.Contains(p.Name))))
        {
            try
            {
                await phase.RunAsync(run);
            }
            catch (Exception failure)
            {
                // The rig's own failure, or a service that does not start any more: what is there is judged all the same.
                run.Shortfalls.Enqueue($"{phase.Name} ended with {failure.GetType().Name}: {failure.Message.Split('\n')[0]}");
                break;
            }
        }

        screen.Phase("events");
        await run.EventsOutAsync();
        screen.Phase("verify");
        var evidence = await EvidenceCollector.CollectAsync(run);
        var findings = Invariant.All.Select(i => i.Judge(evidence)).ToList();
        var result = new ChaosResult(setup, run.World.Replicas.Count, seed, Commit(), Stopwatch.GetElapsedTime(began), Totals(run, evidence), findings, [.. run.Shortfalls]);
        if (!result.Holds)
        {
            screen.Say($"  logs and ledgers of the failed run: {run.World.Keep()}");
        }

        return result;
    }

    private static Dictionary<string, int> Totals(ChaosRun run, Evidence evidence) => new(run.Counts)
    {
        ["orders"] = evidence.Orders.Count,
        ["orders nobody may send"] = evidence.Orders.Count(o => !o.Wanted),
        ["triggers taken"] = evidence.Triggers.Count,
        ["effects"] = evidence.Effects.Select(e => (e.Consultant, e.Key)).Distinct().Count(),
        ["same bytes put again"] = evidence.Effects.Count - evidence.Effects.Select(e => (e.Consultant, e.Key)).Distinct().Count(),
        ["most memory of a process, MiB"] = (int)(evidence.Resources.Select(r => r.ResidentBytes).DefaultIfEmpty().Max() >> 20),
        ["events heard"] = evidence.Heard?.Count ?? 0,
        ["records with markers searched for"] = evidence.Effects.Where(e => e.Canary).Select(e => e.Order).Distinct().Count(),
    };

    private static string Commit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory });
            return git?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } commit ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
