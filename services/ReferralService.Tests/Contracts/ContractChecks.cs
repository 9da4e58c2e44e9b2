using System.Diagnostics;

namespace ReferralService.Tests.Contracts;

/// <summary>Programs that nobody here wrote (contracts/checks), with their packages from npm: <c>deploy/test.sh</c> installs them and says where in CONTRACT_CHECKS.</summary>
internal static class ContractChecks
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private static readonly string Folder = Environment.GetEnvironmentVariable("CONTRACT_CHECKS") ?? "";

    /// <summary>The test is ignored where they are not.</summary>
    public static void Need()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules"))) Assert.Ignore("CONTRACT_CHECKS names no folder with contracts/checks and its npm packages (npm ci done): nothing was compared with independent programs.");
    }

    /// <summary>Runs one of them.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string script, params string[] arguments)
    {
        Need();
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var ceiling = new CancellationTokenSource(Ceiling);
        var output = process.StandardOutput.ReadToEndAsync(ceiling.Token);
        var errors = process.StandardError.ReadToEndAsync(ceiling.Token);
        await process.WaitForExitAsync(ceiling.Token);
        return (process.ExitCode, (await output).Trim(), (await errors).Trim());
    }
}
