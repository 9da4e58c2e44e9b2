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
        Phase[] wanted = [.. Phase.All.Where(p => p.IsIn(plan, setup) && (phases.Count == 0 || phases.Contains(p.Name)))];
        for (var i = 0; i < wanted.Length; i++)
        {
            try
            {
                await wanted[i].RunAsync(run);
            }
            catch (Exception failure)
            {
                // The rig's own failure, or a service that does not start any more: what is there is judged all the same.
                run.Shortfalls.Enqueue($"{wanted[i].Name} ended with {failure.GetType().Name}: {failure.Message.Split('\n')[0]}");
                run.Shortfalls.Enqueue($"not begun after it: {string.Join(", ", wanted[(i + 1)..].Select(p => p.Name).DefaultIfEmpty("nothing"))}");
                await CalmAsync(run, wanted[i].Name);
                break;
            }
        }

        var evidence = await EvidenceAsync(run);
        var findings = Invariant.All.Select(i => i.Judge(evidence)).ToList();
        var result = new ChaosResult(setup, run.World.Replicas.Count, seed, Commit(), Stopwatch.GetElapsedTime(began), Totals(run, evidence), findings, [.. run.Shortfalls]);
        if (!result.Holds)
        {
            screen.Say($"  logs and ledgers of the failed run: {run.World.Keep()}");
        }

        return result;
    }

    private static async Task<Evidence> EvidenceAsync(ChaosRun run)
    {
        try
        {
            run.Screen.Phase("events");
            await run.EventsOutAsync();
            run.Screen.Phase("verify");
            return await EvidenceCollector.CollectAsync(run);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Nothing could be judged: {failure.Message}. Before that: {string.Join("; ", run.Shortfalls.DefaultIfEmpty("nothing amiss"))}", failure);
        }
    }

    /// <summary>After a phase that broke off: the trouble is lifted and the backlog drained, else what is still on its way would be called lost.</summary>
    private static async Task CalmAsync(ChaosRun run, string phase)
    {
        try
        {
            run.World.Heal();
            if (run.World.Broker is { IsRunning: false } broker)
            {
                await broker.StartAsync();
            }

            await run.RestartAllAsync(null);
            await run.QuietAsync(phase);
        }
        catch (Exception failure)
        {
            run.Shortfalls.Enqueue($"after {phase} there was no calm: {failure.Message.Split('\n')[0]}; what I1 and I3 say may be of what was still on its way");
        }
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
