using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Deploy;

/// <summary>
/// A program as deploy/Dockerfile and the Kubernetes files run it, made by the kernel's own means since no container engine is here: a root file system that is
/// read-only but for two folders, the image's account, which this machine does not know, no capabilities, and nothing in the environment but what it is given.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Confinement : IAsyncDisposable
{
    private const string Account = "1654";

    /// <summary>97: the root file system can still be written to, so nothing would be proved.</summary>
    private const string Script =
        """
        set -e
        mount --make-rprivate /
        mount -o remount,ro,bind /
        for folder in "$WRITABLE"/data "$WRITABLE"/spool; do mount --bind "$folder" "$folder"; mount -o remount,rw,bind "$folder"; done
        if touch "$WRITABLE/probe" 2>/dev/null; then exit 97; fi
        cd "$PROGRAM"
        exec setpriv --reuid ACCOUNT --regid ACCOUNT --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all env -u HOME -u WRITABLE -u PROGRAM "$@"
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("referral-confined-");
    private readonly StringBuilder _said = new();
    private Process? _process;

    public Confinement(string program)
    {
        Program = program;
        // Others may pass through, as in an image.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        foreach (var name in new[] { "data", "spool", "secrets" }) Directory.CreateDirectory(Path.Combine(Folder, name));
    }

    public string Program { get; }

    public string Folder => _folder.FullName;

    public string Data => Path.Combine(Folder, "data");

    public string Spool => Path.Combine(Folder, "spool");

    public string Secrets => Path.Combine(Folder, "secrets");

    public string Said
    {
        get { lock (_said) return _said.ToString(); }
    }

    /// <summary>A secret as a container engine mounts it: the account's to read, nobody's to write.</summary>
    public async Task WriteSecretAsync(string name, string content)
    {
        var path = Path.Combine(Secrets, name);
        await File.WriteAllTextAsync(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
    }

    public async Task StartAsync(IReadOnlyDictionary<string, string> environment)
    {
        await GiveAsync();
        _process = Begin(environment, "dotnet", "ReferralService.dll");
    }

    /// <summary>A verb of the program in the same confinement; its exit code.</summary>
    public async Task<int> RunAsync(IReadOnlyDictionary<string, string> environment, string verb)
    {
        using var process = Begin(environment, "dotnet", "ReferralService.dll", verb);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public bool HasEnded => _process is null or { HasExited: true };

    /// <summary>SIGTERM; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Signals.Send(_process!.Id, Signals.Terminate);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Signals.Send(_process.Id, Signals.Kill);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task GiveAsync()
    {
        using var chown = Process.Start("chown", ["-R", $"{Account}:{Account}", Data, Spool, Secrets]);
        await chown.WaitForExitAsync();
        Assert.That(chown.ExitCode, Is.Zero, "chown");
    }

    /// <summary>unshare, sh and setpriv each become the next one, so the process is the program itself.</summary>
    private Process Begin(IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var start = new ProcessStartInfo("unshare", ["--mount", "sh", "-c", Script.Replace("ACCOUNT", Account, StringComparison.Ordinal), "sh", .. command])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["WRITABLE"] = Folder;
        start.Environment["PROGRAM"] = Program;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        Watchdog.Start(process, group: false);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Note(string? line)
    {
        lock (_said) _said.AppendLine(line);
    }
}
