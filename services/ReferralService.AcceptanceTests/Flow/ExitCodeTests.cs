using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Flow;

/// <summary>How the process ends: a code that a supervisor can act on and a line that a person can, never a crash.</summary>
[Parallelizable]
public sealed class ExitCodeTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    [Test]
    public async Task An_address_in_use_ends_the_start_with_4()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var (code, output) = await RunAsync(("urls", $"http://{taken.LocalEndpoint}"));

        Assert.That(code, Is.EqualTo(4), output);
        Assert.That(output, Does.Contain("(urls) is in use").And.Not.Contain("Unhandled"));
    }

    [Test]
    public async Task A_setting_that_cannot_be_used_ends_the_start_with_2()
    {
        var (code, output) = await RunAsync(("Flow:Lease", "soon"));

        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("Flow:Lease: "));
    }

    [Test]
    public async Task A_settings_file_that_is_no_JSON_ends_the_start_with_2()
    {
        var (code, output) = await RunAsync([], file: "{ \"Ehrs\": ");

        Assert.That(code, Is.EqualTo(2), output);
        Assert.That(output, Does.Contain("appsettings.json").And.Not.Contain("Unhandled"));
    }

    [Test]
    public async Task A_stop_while_the_database_is_waited_for_ends_with_0()
    {
        var (code, output) = await RunAsync(
            [("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", $"Host=127.0.0.1;Port={FreePort.Take()};Username=x;Database=x")], stopAt: "does not answer yet");

        Assert.That(code, Is.Zero, output);
    }

    private static Task<(int Code, string Output)> RunAsync(params (string Key, string Value)[] settings) => RunAsync(settings, file: null);

    /// <param name="file">What stands in appsettings.json.</param>
    /// <param name="stopAt">The words at which it is told to stop.</param>
    private static async Task<(int Code, string Output)> RunAsync((string Key, string Value)[] settings, string? file = null, string? stopAt = null)
    {
        var folder = Directory.CreateTempSubdirectory("referral-exit-");
        if (file is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "appsettings.json"), file);
        }

        var start = new ProcessStartInfo("dotnet", [typeof(ReferralHost).Assembly.Location])
        {
            WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in settings.Prepend(("urls", "http://127.0.0.1:0")))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (stopAt is not null && line.Contains(stopAt, StringComparison.Ordinal))
            {
                stopAt = null;
                Signals.Send(process.Id, Signals.Terminate);
            }
        }

        using var ceiling = new CancellationTokenSource(Ceiling);
        await process.WaitForExitAsync(ceiling.Token);
        folder.Delete(recursive: true);
        return (process.ExitCode, string.Join('\n', [.. said, await errors]));
    }
}
