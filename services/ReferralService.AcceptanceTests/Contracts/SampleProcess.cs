using System.Collections.Concurrent;
using System.Diagnostics;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Contracts;

namespace ReferralService.AcceptanceTests.Contracts;

/// <summary>A program of contracts/samples, run as its README says.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string?> PythonWithPika = new(FindPython);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _news = new(0);

    private SampleProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        Watchdog.Start(_process, group: false);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Why the samples of a language cannot be run here; null when they can.</summary>
    public static string? WhyNot(string language) => language switch
    {
        "python" => PythonWithPika.Value is null ? "no Python with pika (Debian: python3-pika) is here: its samples were not run" : null,
        _ => Directory.Exists(Path.Combine(NodeFolder, "node_modules", "amqplib")) ? null : "CONTRACT_SAMPLES names no folder with contracts/samples/node and its npm packages (npm ci done): its samples were not run",
    };

    private static string NodeFolder => Environment.GetEnvironmentVariable("CONTRACT_SAMPLES") ?? "";

    public IReadOnlyList<string> Lines => [.. _lines];

    /// <param name="name">Without ending, e.g. <c>status</c>.</param>
    /// <param name="secret">A webhook's, for its environment; null: none.</param>
    public static SampleProcess Start(string language, string name, string? secret, params string[] arguments)
    {
        var start = language == "python"
            ? new ProcessStartInfo(PythonWithPika.Value!, [Path.Combine(ContractFiles.Folder, "samples", "python", $"{name}.py"), .. arguments])
            : new ProcessStartInfo("node", [Path.Combine(NodeFolder, $"{name}.mjs"), .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        if (secret is not null) start.Environment["WEBHOOK_SECRET"] = secret;
        return new SampleProcess(start);
    }

    /// <summary>Waits until it has said enough.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<string>, bool> enough)
    {
        while (!enough(Lines))
        {
            if (!await _news.WaitAsync(Ceiling)) Assert.Fail($"It says no more:\n{string.Join('\n', Lines)}");
        }
    }

    public async Task<int> ExitedAsync()
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        await _process.WaitForExitAsync(ceiling.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _news.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        try
        {
            _news.Release();
        }
        catch (ObjectDisposedException)
        {
            // Its last words, after the test.
        }
    }

    /// <summary>Where there are several, Debian's own has Debian's packages.</summary>
    private static string? FindPython() => ((string[])["python3", "/usr/bin/python3"]).FirstOrDefault(candidate =>
    {
        try
        {
            using var asking = Process.Start(new ProcessStartInfo(candidate, ["-c", "import pika"]) { RedirectStandardError = true })!;
            asking.WaitForExit();
            return asking.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });
}
