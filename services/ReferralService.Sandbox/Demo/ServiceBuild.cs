using System.Diagnostics;

namespace ReferralService.Sandbox.Demo;

/// <summary>Finds the service's program in this repository and builds it when it is missing or older than its sources.</summary>
internal static class ServiceBuild
{
    private static readonly string[] Sources = ["services/ReferralService", "services/ReferralService.Fhir", "contracts"];

    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    /// <returns>The path of ReferralService.dll.</returns>
    /// <exception cref="DemoFailure">No repository around this program, or the build failed; the message has its last lines.</exception>
    public static async Task<string> LocateAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var root = Root();
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var dll = Path.Combine(root, "services", "ReferralService", "bin", configuration, "net10.0", "ReferralService.dll");
        if (IsFresh(root, dll)) return dll;
        tell("building services/ReferralService …");
        var build = new ProcessStartInfo(Dotnet, ["build", Path.Combine(root, "services", "ReferralService"), "-c", configuration, "-v", "q", "--nologo", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = root,
        };
        using var process = Process.Start(build)!;
        try
        {
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode == 0 && File.Exists(dll)) return dll;
            var lines = string.Concat(output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.Contains("error", StringComparison.Ordinal)).Distinct().Take(10);
            throw new DemoFailure($"The service could not be built.\n{string.Join('\n', lines)}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static bool IsFresh(string root, string dll)
    {
        if (!File.Exists(dll)) return false;
        var built = File.GetLastWriteTimeUtc(dll);
        return Sources.SelectMany(s => Directory.EnumerateFiles(Path.Combine(root, s), "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".cs" or ".csproj" or ".sql" or ".json" or ".html")
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .All(f => File.GetLastWriteTimeUtc(f) <= built);
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ReferralService.sln"))) return folder.FullName;
        }
        throw new DemoFailure("ReferralService.sln is in no folder above this program: run the demo from the repository.");
    }
}
