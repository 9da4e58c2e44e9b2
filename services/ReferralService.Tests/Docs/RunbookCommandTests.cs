using System.Diagnostics;
using System.Runtime.Versioning;
using ReferralService.Tests.Deploy;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Docs;

/// <summary>The commands of docs/runbook.md and docs/interfaces.md that make keys and copies, taken from the pages and run by sh.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RunbookCommandTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("referral-runbook-");

    [TearDown]
    public void Delete() => _folder.Delete(recursive: true);

    [Test]
    public void The_first_key_and_a_new_one_before_it_are_keys_that_the_service_takes()
    {
        var keys = Path.Combine(_folder.FullName, "vault.keys");

        Run(Find("docs/runbook.md", "echo \"k1"));
        var first = Accepted(keys);
        Run(Find("docs/runbook.md", "echo \"k2"));
        var second = Accepted(keys);

        Assert.That((first, second), Is.EqualTo((true, true)));
        Assert.That(File.ReadLines(keys).Select(line => line.Split(' ')[0]), Is.EqualTo(new[] { "k2", "k1" }));
        Assert.That(File.GetUnixFileMode(keys), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void The_secret_of_a_webhook_is_one_that_the_service_takes()
    {
        var secret = Run(Find("docs/interfaces.md", "echo whsec_")).Trim();

        Assert.That(() => ReferralHost.Build([$"--Webhooks:hospital:Secret={secret}", "--Webhooks:hospital:Url=https://status.example.org/hook"], TimeProvider.System), Throws.Nothing);
    }

    [Test]
    public async Task A_copy_of_a_ledger_in_use_is_a_ledger()
    {
        DeployFiles.Need("sqlite3", "no copy of a ledger is made");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "data"));
        await using var service = await RunningService.StartAsync(new Dictionary<string, string> { ["Ledger:ConnectionString"] = $"Data Source={_folder.FullName}/data/referrals.db", ["Ehrs:main:BaseUrl"] = "http://127.0.0.1:1/fhir" });
        var id = await service.SubmitAsync("ServiceRequest/1");

        Run(Find("docs/runbook.md", ".backup"));

        Assert.That(Run("sqlite3 copy.db 'select hex(id) from referral'").Trim(), Is.Not.Empty, id);
    }

    private static string Find(string page, string words)
        => DocCommands.All.First(command => command.Page == page && command.Text.Contains(words, StringComparison.Ordinal)).Text;

    private static bool Accepted(string keys)
    {
        ReferralHost.Build([$"--Vault:KeyFile={keys}"], TimeProvider.System);
        return true;
    }

    private string Run(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-eu", "-c", command]) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true })!;
        var said = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.That(shell.ExitCode, Is.Zero, command);
        return said;
    }
}
