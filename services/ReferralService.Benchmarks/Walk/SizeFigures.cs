using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ReferralService.Benchmarks.Report;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Whether cost grows with the record and no faster, and memory not at all.</summary>
internal static class SizeFigures
{
    /// <summary>Some 200 MB as FHIR JSON: results of 2 kB, and files of 8 MB that are a third longer in base64.</summary>
    private const string Large = "6000+18x8000000";

    public static async Task FindAsync(Choices choices, WarmStage warm, Servers servers, Findings findings)
    {
        var stage = await warm.OpenAsync();
        var table = new Table($"Size: one referral at a time; medians of {choices.Rounds} rounds (least and most)", "results", "package MB", "CPU ms", "µs / result", "CPU ms / MB", "ms");
        var taken = new Dictionary<int, (double Megabytes, Spread Cpu)>();
        foreach (var (results, i) in warm.Sizes.Select((size, i) => (size, i)).OrderBy(s => s.size))
        {
            var (first, _) = await stage.Load.OneAsync(WarmStage.EhrOf(i));
            var megabytes = (await stage.Services[0].PackageAsync(first)).Length / 1e6;
            // Of about a second each, so that the clock of processor time (10 ms) is fine enough.
            int referrals = Math.Clamp((choices.Quick ? 6_000 : 18_000) / results, 1, 60);
            var (cpu, clock) = (new List<double>(), new List<double>());
            for (int round = 0; round < choices.Rounds; round++)
            {
                var done = await stage.Load.RunAsync(referrals, 1, WarmStage.EhrOf(i));
                cpu.Add(done.CpuMilliseconds);
                clock.Add(done.Clock.TotalMilliseconds / referrals);
            }

            var middle = Spread.Of(cpu);
            taken[results] = (megabytes, middle);
            table.Add(results.ToString("N0", CultureInfo.InvariantCulture), megabytes.ToString("0.00", CultureInfo.InvariantCulture), middle.Text("0.0"),
                (middle.Median * 1e3 / results).ToString("0", CultureInfo.InvariantCulture), (middle.Median / megabytes).ToString("0.0", CultureInfo.InvariantCulture), Spread.Of(clock).Text("0.0"));
        }

        // What does not depend on the size (statements, events, the smallest answers) is taken off by looking at differences.
        double small = Slope(taken[60], taken[300]), large = Slope(taken[300], taken[6_000]);
        findings.Set(Goal.Linear, large / small, $"slopes {small:0.0} and {large:0.0} ms/MB");
        findings.Add(table);
        await MemoryAsync(choices, servers, findings);
    }

    private static double Slope((double Megabytes, Spread Cpu) from, (double Megabytes, Spread Cpu) to) => (to.Cpu.Median - from.Cpu.Median) / (to.Megabytes - from.Megabytes);

    /// <summary>A process of its own: the peak counts from its start.</summary>
    private static async Task MemoryAsync(Choices choices, Servers servers, Findings findings)
    {
        await using var stage = await Stage.OpenAsync(servers, Setup.Usual, ["300", Large]);
        var service = stage.Services[0];
        for (int i = 0; i < 20; i++) await stage.Load.OneAsync();
        var (idle, before) = service.Memory;
        var (id, took) = await stage.Load.OneAsync("ehr1");
        long peak = service.Memory.Peak;
        var shown = (await service.ShowAsync(id)).GetProperty("package");
        double megabytes = shown.GetProperty("bytes").GetInt64() / 1e6;
        if (megabytes < 150)
        {
            var omitted = (await service.Http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}/manifest")).GetProperty("omitted").EnumerateArray().ToList();
            throw new BrokenRunException($"The large record became a package of {megabytes:0} MB; {omitted.Count} were left out, the first: {omitted.FirstOrDefault()}");
        }

        const double mebi = 1 << 20;
        findings.Set(Goal.PeakMemory, peak / mebi, $"a package of {megabytes:0} MB");
        findings.Set(Goal.MemoryAboveIdle, (peak - idle) / mebi, $"idle {idle / mebi:0} MiB, peak before {before / mebi:0}");
        var table = new Table($"Memory: SQLite and RabbitMQ connected, 20 records of 300 results, then one of {megabytes:0} MB with 18 files", "", "MiB");
        table.Add("idle after the small ones", (idle / mebi).ToString("0", CultureInfo.InvariantCulture));
        table.Add("highest until then", (before / mebi).ToString("0", CultureInfo.InvariantCulture));
        table.Add("highest with the large one", (peak / mebi).ToString("0", CultureInfo.InvariantCulture));
        table.Note($"The large one took {took / 1e3:0.0} s in a process that had never seen its like: {megabytes / took * 1e3:0} MB/s.");
        findings.Add(table);
    }
}
