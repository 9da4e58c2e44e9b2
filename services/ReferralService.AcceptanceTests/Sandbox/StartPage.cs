using System.Diagnostics;
using System.Text.RegularExpressions;
using ReferralService.Tests.Contracts;

namespace ReferralService.AcceptanceTests.Sandbox;

/// <summary>The commands of docs/start.md, taken from the page and run in order by bash, as a newcomer does in the second terminal.</summary>
internal static partial class StartPage
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(ContractFiles.Folder, ".."));

    /// <param name="service">Where the demo says that the service is.</param>
    public static async Task<(int Code, string Said, string Package)> RunAsync(string service)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Root, "docs", "start.md"));
        // The demo itself runs already; what it printed is told to the shell.
        var commands = Block().Matches(page).Select(block => block.Groups[1].Value).Where(block => !block.Contains("--keep", StringComparison.Ordinal)).ToList();
        Assert.That(commands, Has.Count.EqualTo(3), "the page was read");
        var folder = Directory.CreateTempSubdirectory("referral-start-");
        try
        {
            // What "dotnet run" would build is built: these tests were built with it.
            var shell = $$"""
                dotnet() { [ "$1 $2 $3" = "run --project services/ReferralService" ] || return 99; shift 4; command dotnet '{{typeof(ReferralHost).Assembly.Location}}' "$@"; }
                {{string.Join('\n', commands).Replace("SERVICE=http://127.0.0.1:8080", "SERVICE=" + service, StringComparison.Ordinal)}}
                """;
            var start = new ProcessStartInfo("bash", ["-eu", "-o", "pipefail", "-c", shell]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            var package = Path.Combine(folder.FullName, "package.json");
            return (process.ExitCode, string.Concat(said), File.Exists(package) ? await File.ReadAllTextAsync(package) : "");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("^```bash\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
