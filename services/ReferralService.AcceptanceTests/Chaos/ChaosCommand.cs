using System.CommandLine;
using System.Globalization;
using ReferralService.AcceptanceTests.Chaos.Phases;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>The command line of the fault rig.</summary>
internal static class ChaosCommand
{
    public static Task<int> RunAsync(string[] args)
    {
        var kills = new Option<int?>("--kills") { Description = "kill so often instead" };
        var seed = new Option<int?>("--seed") { Description = "of everything drawn by chance; printed, so that a run can be done again" };
        var setup = new Option<string>("--setup") { Description = "one of the two alone" };
        setup.AcceptOnlyFromAmong("sqlite", "postgresql");
        var replicas = new Option<int>("--replicas") { Description = "processes on PostgreSQL (SQLite has one)", DefaultValueFactory = _ => 3 };
        var full = new Option<bool>("--full") { Description = "500 kills with each fault point 20 times, 2,000 soft crashes, 3 broker and 3 database kills, a burst of 10,000, a soak of 20 minutes" };
        var @long = new Option<bool>("--long") { Description = "ten times that, and a soak of 20,000 referrals" };
        var phase = new Option<string[]>("--phase") { Description = "these alone", AllowMultipleArgumentsPerToken = true };
        phase.AcceptOnlyFromAmong([.. Phase.All.Select(p => p.Name)]);
        var soak = new Option<int?>("--soak-minutes") { Description = "soak so long instead" };

        var chaos = new Command(
            "chaos",
            "Does harm to running services (real processes, database, broker) and checks I1 to I12 of docs/faults.md against what the partners' own ledgers say. "
            + "Without options: the figures of CI, on SQLite and on PostgreSQL with RabbitMQ. Exit code 0: all invariants hold and everything was done; 1: not.")
        { kills, seed, setup, replicas, full, @long, phase, soak };
        chaos.SetAction(async (parsed, _) =>
        {
            var plan = parsed.GetValue(@long) ? ChaosPlan.Long : parsed.GetValue(full) ? ChaosPlan.Full : ChaosPlan.Ci;
            plan = parsed.GetValue(kills) is { } n ? plan with { Kills = n, KillsOfEachPoint = 0 } : plan;
            plan = parsed.GetValue(soak) is { } minutes ? plan with { Soak = TimeSpan.FromMinutes(minutes) } : plan;
            var setups = parsed.GetValue(setup) switch
            {
                "sqlite" => [ChaosSetup.Sqlite],
                "postgresql" => [ChaosSetup.PostgreSql],
                _ => new[] { ChaosSetup.Sqlite, ChaosSetup.PostgreSql },
            };
            var drawn = parsed.GetValue(seed) ?? (int)(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() % 1_000_000);
            return await RunAsync(plan, setups, parsed.GetValue(phase) ?? [], parsed.GetValue(replicas), drawn, string.Join(' ', args));
        });
        return new RootCommand("Tests of ReferralService with real processes; \"dotnet test\" runs them.") { chaos }.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(ChaosPlan plan, IReadOnlyList<ChaosSetup> setups, string[] phases, int replicas, int seed, string command)
    {
        var screen = ChaosScreen.ForConsole();
        var results = new List<ChaosResult>();
        foreach (var setup in setups)
        {
            results.Add(await ChaosRunner.RunAsync(setup, plan, phases, replicas, seed, screen));
        }

        foreach (var result in results)
        {
            Console.WriteLine();
            Console.Write(result.Markdown(command));
        }

        var broken = results.Count(r => !r.Holds);
        Console.WriteLine(broken == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{results.Count} set-up(s), all invariants hold, seed {seed}")
            : string.Create(CultureInfo.InvariantCulture, $"{broken} of {results.Count} set-up(s) BROKEN, seed {seed}"));
        return broken == 0 ? 0 : 1;
    }
}
