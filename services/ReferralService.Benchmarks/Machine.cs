using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ReferralService.Benchmarks;

/// <summary>Where the figures come from, in two lines: what one must know to compare them with another machine's.</summary>
internal static class Machine
{
    /// <summary>Of all generated records.</summary>
    public const int Seed = 7;

    private const int SyncedBytes = 8192;
    private const int Syncs = 200;

    public static string Describe()
    {
        var processor = Line("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
        return string.Create(CultureInfo.InvariantCulture,
            $"{processor}, {Environment.ProcessorCount} cores, {memory} GiB, {RuntimeInformation.OSDescription}; fdatasync of 8 kB {Sync().TotalMicroseconds:0} µs (median of {Syncs}); load at the start {load}.\n"
            + $".NET {Environment.Version}; {RabbitMq()}; {Said("/usr/lib/postgresql", "postgres", "--version")}; commit {Said(null, "git", "describe", "--always", "--dirty", "--exclude", "*")}; seed {Seed}.");
    }

    /// <summary>Where the ledgers of the figures stand, too.</summary>
    private static TimeSpan Sync()
    {
        var folder = Directory.CreateTempSubdirectory("sync-");
        try
        {
            using var file = new FileStream(Path.Combine(folder.FullName, "file"), FileMode.Create, FileAccess.Write, FileShare.None, 0);
            var block = new byte[SyncedBytes];
            var taken = new List<TimeSpan>();
            for (int i = 0; i < Syncs; i++)
            {
                var began = Stopwatch.GetTimestamp();
                file.Position = 0;
                file.Write(block);
                file.Flush(flushToDisk: true);
                taken.Add(Stopwatch.GetElapsedTime(began));
            }

            taken.Sort();
            return taken[Syncs / 2];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string RabbitMq()
    {
        const string folder = "/usr/lib/rabbitmq/lib";
        var found = Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, "rabbitmq_server-*").Max(StringComparer.Ordinal) : null;
        return found is null ? "RabbitMQ unknown" : $"RabbitMQ {found[(found.LastIndexOf('-') + 1)..]}";
    }

    private static string? Line(string file, string name)
        => File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;

    /// <param name="below">A folder of versions, each with its <c>bin</c>; null: the program is on the path.</param>
    private static string Said(string? below, string program, params string[] arguments)
    {
        var path = below is null ? program : Directory.Exists(below) ? Directory.EnumerateDirectories(below).Select(version => Path.Combine(version, "bin", program)).Where(File.Exists).Max(StringComparer.Ordinal) : null;
        if (path is null) return $"{program} unknown";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return said.Length == 0 ? $"{program} unknown" : said;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{program} unknown";
        }
    }
}
