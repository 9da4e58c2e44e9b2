using System.Diagnostics;
using System.Globalization;
using ReferralService.AcceptanceTests.Chaos;
using ReferralService.AcceptanceTests.Faults.Broker;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>What a killed controller had started.</summary>
[TestFixture]
[Parallelizable]
internal sealed class WatchdogTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    [TestCase(Signals.Kill)]
    [TestCase(Signals.Interrupt)]
    public async Task Broker_database_and_replicas_end_with_the_controller_that_started_them(int signal)
    {
        using var controller = new Process { StartInfo = new ProcessStartInfo("dotnet", [typeof(ChaosCommand).Assembly.Location, "chaos", "--setup", "postgresql", "--phase", "kills", "--replicas", "1"]) };
        controller.StartInfo.RedirectStandardOutput = controller.StartInfo.RedirectStandardError = true;
        Watchdog.Start(controller, group: false);
        controller.BeginOutputReadLine();
        controller.BeginErrorReadLine();
        IReadOnlyList<string> names = [];
        await Eventually.HoldsAsync(
            () =>
            {
                names = [.. Below(controller.Id).Select(Name)];
                return Task.FromResult(names.Contains("beam.smp") && names.Contains("postgres") && names.Contains("dotnet"));
            },
            "a broker, a database and a replica run",
            Ceiling);
        var started = Below(controller.Id).ToList();

        Signals.Send(controller.Id, signal);
        await controller.WaitForExitAsync();

        await Eventually.HoldsAsync(() => Task.FromResult(started.TrueForAll(id => !Lives(id))), "none of them lives", Ceiling);
    }

    /// <summary>Children, and theirs.</summary>
    private static IEnumerable<int> Below(int process)
    {
        foreach (var child in Children(process))
        {
            yield return child;
            foreach (var one in Below(child))
            {
                yield return one;
            }
        }
    }

    private static List<int> Children(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string Name(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>A zombie that nobody has waited for yet does nothing any more.</summary>
    private static bool Lives(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
