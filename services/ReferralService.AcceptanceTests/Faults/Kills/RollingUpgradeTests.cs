using System.Diagnostics;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>The build before the newest schema script and this one, on one database at once.</summary>
public sealed class RollingUpgradeTests
{
    private const string Scripts = "services/ReferralService/Ledger/Scripts";

    [Test]
    [Fault("P04")]
    public async Task The_previous_build_and_this_one_go_on_working_side_by_side()
    {
        var folder = Directory.CreateTempSubdirectory("referral-previous-");
        var previous = await BuildPreviousAsync(folder.FullName);
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();
        await using var scene = await Scene.StartAsync();
        var settings = scene.Settings(("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database), ("Flow:LookEvery", "00:00:00.100"));
        await using var old = new ServiceReplica(settings) { Build = previous };
        await old.StartAsync();
        var before = await SubmitAsync(scene, old, "before");
        foreach (var id in before)
        {
            await old.UntilStateAsync(id, "delivered");
        }

        // This build migrates the database under the other's feet, and both go on.
        await using var renewed = await ServiceReplica.StartNewAsync(settings);
        var byOld = await SubmitAsync(scene, old, "old");
        var byNew = await SubmitAsync(scene, renewed, "new");
        foreach (var id in byOld.Concat(byNew))
        {
            await old.UntilStateAsync(id, "delivered");
            await renewed.UntilStateAsync(id, "delivered");
        }

        // One alone finishes what the other leaves.
        var left = await SubmitAsync(scene, old, "left");
        await old.KillAsync();
        foreach (var id in left)
        {
            await renewed.UntilStateAsync(id, "delivered");
        }

        Assert.Multiple(() =>
        {
            Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier), Is.Unique.And.Exactly(40).Items);
            Assert.That(old.Output + renewed.Output, Does.Not.Contain("Unhandled").And.Not.Contain("fail:").And.Not.Contain("crit:"));
        });
        folder.Delete(recursive: true);
    }

    private static async Task<string[]> SubmitAsync(Scene scene, ServiceReplica replica, string name)
        => await Task.WhenAll(Enumerable.Range(0, 10).Select(i => replica.SubmitAsync(TinyOrders.Write(scene, name, i), "east")));

    /// <summary>The last commit that has all scripts as they are now but for the newest: a script may have been mended on another branch before it was released, so "the commit before" is none.</summary>
    private const string Previous = $"""
        newest=$(git ls-tree --name-only HEAD {Scripts}/postgresql/ | tail -1 | xargs basename)
        wanted=$(git ls-tree -r HEAD {Scripts} | grep -v "/$newest$")
        for commit in $(git rev-list --date-order HEAD); do
          [ "$(git ls-tree -r "$commit" {Scripts})" = "$wanted" ] && echo "$commit" && break
        done
        """;

    /// <summary>Whether the newest script came to a history that was there.</summary>
    private const string BeforeNewest = $"""
        newest=$(git ls-tree --name-only HEAD {Scripts}/postgresql/ | tail -1)
        git rev-parse --verify --quiet "$(git log --diff-filter=A --format=%H -- "$newest" | tail -1)^"
        """;

    /// <summary>Builds it; the service's dll.</summary>
    private static async Task<string> BuildPreviousAsync(string folder)
    {
        var root = Root();
        if (await RunAsync(root, "git", "rev-parse", "--is-shallow-repository") is not (0, "false"))
        {
            Assert.Inconclusive("The history of the repository is not here (no git, or a shallow clone), so the previous build cannot be made.");
        }

        if (await RunAsync(root, "bash", "-c", BeforeNewest) is not (0, _))
        {
            Assert.Inconclusive("The history begins with the newest script: there is no build before it.");
        }

        var (_, previous) = await RunAsync(root, "bash", "-c", Previous);
        Assert.That(previous, Is.Not.Empty, "no build had the older scripts as they are now: one of them was edited after the newest came, and a database that has it is refused");

        var (found, _) = await RunAsync(root, "bash", "-c", $"git archive {previous} | tar -x -C '{folder}'");
        Assert.That(found, Is.Zero, "the commit before the newest schema script can be had");
        var (built, said) = await RunAsync(folder, "dotnet", "build", "services/ReferralService", "-v", "q", "--nologo", "-m:2", "-p:EnforceCodeStyleInBuild=false", "-p:RunAnalyzers=false");
        Assert.That(built, Is.Zero, said);
        return Path.Combine(folder, "services", "ReferralService", "bin", "Debug", "net10.0", "ReferralService.dll");
    }

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "ReferralService.sln")))
        {
            at = at.Parent!;
        }

        return at.FullName;
    }

    private static async Task<(int Code, string Said)> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            await errors;
            return (process.ExitCode, said.Trim());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (127, "");
        }
    }
}
