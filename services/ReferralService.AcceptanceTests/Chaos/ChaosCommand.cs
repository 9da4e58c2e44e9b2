using System.CommandLine;
using System.Globalization;
using ReferralService.AcceptanceTests.Chaos.Phases;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>The command line of the fault rig.</summary>
internal static class ChaosCommand
{
    /// <summary>As of other programs that were told what they cannot do.</summary>
    private const int Misused = 2;

    /// <summary>As of a shell's child that Ctrl+C ended.</summary>
    private const int Interrupted = 130;

    /// <returns>0: what was exercised holds, and everything was done; 1: not; 2: contradictory or unknown options, with one line that says which.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var kills = new Option<int?>("--kills") { Description = "kill so often instead" };
        var seed = new Option<int?>("--seed") { Description = "of everything drawn by chance; printed, so that a run can be done again" };
        var setup = new Option<string>("--setup") { Description = "one of the two alone" };
        setup.AcceptOnlyFromAmong("sqlite", "postgresql");
        var replicas = new Option<int?>("--replicas") { Description = $"processes on PostgreSQL (SQLite has one); else {ChaosWish.UsualReplicas}" };
        var full = new Option<bool>("--full") { Description = "500 kills with each fault point 20 times, 2,000 soft crashes, 3 broker and 3 database kills, a burst of 10,000, a soak of 20 minutes" };
        var @long = new Option<bool>("--long") { Description = "ten times that, and a soak of 20,000 referrals" };
        var phase = new Option<string[]>("--phase") { Description = "these alone", AllowMultipleArgumentsPerToken = true };
        phase.AcceptOnlyFromAmong([.. Phase.All.Select(p => p.Name)]);
        var soak = new Option<int?>("--soak-minutes") { Description = "soak so long instead" };

        var chaos = new Command(
            "chaos",
            "Does harm to running services (real processes, database, broker) and checks I1 to I12 of docs/faults.md against what the partners' own ledgers say. "
            + "Without options: the figures of CI, on SQLite and on PostgreSQL with RabbitMQ. Exit code 0: every invariant that was exercised holds and everything was done; 1: not; 2: these options make no run.")
        { kills, seed, setup, replicas, full, @long, phase, soak };
        chaos.SetAction((parsed, cancelled) =>
        {
            var wish = new ChaosWish
            {
                Kills = parsed.GetValue(kills),
                Seed = parsed.GetValue(seed),
                Setup = parsed.GetValue(setup) is { } named ? Enum.Parse<ChaosSetup>(named, ignoreCase: true) : null,
                Replicas = parsed.GetValue(replicas),
                Full = parsed.GetValue(full),
                Long = parsed.GetValue(@long),
                Phases = parsed.GetValue(phase) ?? [],
                SoakMinutes = parsed.GetValue(soak),
            };
            return RunAsync(wish, string.Join(' ', args), output, errors, cancelled);
        });
        var asked = new RootCommand("Tests of ReferralService with real processes; \"dotnet test\" runs them.") { chaos }.Parse(args);
        if (asked.Errors.Count > 0)
        {
            await errors.WriteLineAsync(asked.Errors[0].Message.ReplaceLineEndings(" "));
            return Misused;
        }

        return await asked.InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
    }

    private static async Task<int> RunAsync(ChaosWish wish, string command, TextWriter output, TextWriter errors, CancellationToken cancelled)
    {
        if (wish.Fault() is { } fault)
        {
            await errors.WriteLineAsync(fault);
            return Misused;
        }

        var running = RunAsync(wish, command, output);
        var ended = await Task.WhenAny(running, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled));
        if (ended != running)
        {
            // What it started goes with this process (Watchdog).
            await errors.WriteLineAsync("broken off: nothing is shown");
            return Interrupted;
        }

        return await running;
    }

    private static async Task<int> RunAsync(ChaosWish wish, string command, TextWriter output)
    {
        var seed = wish.Seed ?? (int)(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() % 1_000_000);
        var screen = new ChaosScreen(output, terminal: output == Console.Out && !Console.IsOutputRedirected);
        var results = new List<ChaosResult>();
        foreach (var setup in wish.Setups)
        {
            results.Add(await ChaosRunner.RunAsync(setup, wish.Plan, wish.Phases, wish.Replicas ?? ChaosWish.UsualReplicas, seed, screen));
        }

        foreach (var result in results)
        {
            await output.WriteLineAsync();
            await output.WriteAsync(result.Markdown(command));
        }

        var verdict = string.Join("; ", results.Select(r => $"{r.Setup.ToString().ToLowerInvariant()}: {r.Verdict}"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{verdict}; seed {seed}"));
        return results.TrueForAll(r => r.Holds) ? 0 : 1;
    }
}
