using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.Benchmarks.Walk;

/// <summary>This program once more, as the partners or as the comparators' client: each has a process whose processor time is its own.</summary>
internal sealed class WorkerProcess : IDisposable
{
    public const string Word = "--as";

    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public static WorkerProcess Start(params string[] role)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(WorkerProcess).Assembly.Location, Word, .. role]) { RedirectStandardInput = true, RedirectStandardOutput = true },
        };
        Watchdog.Start(process, group: false);
        return new WorkerProcess(process);
    }

    public async Task<string> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync() ?? throw new BrokenRunException("A worker of the benchmark has ended.");

    /// <summary>Asks the client for a round.</summary>
    public async Task<Round> RunAsync(bool whole, int referrals, int inFlight)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(whole ? 1 : 0)} {referrals} {inFlight}"));
        return JsonSerializer.Deserialize<Round>(await ReadLineAsync())!;
    }

    /// <summary>The other side: serves until its input ends.</summary>
    public static async Task ServeAsync(string[] role)
    {
        if (role[0] == "partners")
        {
            await using var partners = await Partners.StartAsync([.. role[1..].Select(Size)]);
            Console.WriteLine(partners.Base);
            await Console.In.ReadToEndAsync();
            return;
        }

        using var client = new Client(new Uri(role[1]), await File.ReadAllLinesAsync(role[2]), "/fhir/ServiceRequest/order-1", await File.ReadAllBytesAsync(role[3]), role[4]);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            int[] asked = [.. line.Split(' ').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
            Console.WriteLine(JsonSerializer.Serialize(await client.RunAsync(asked[0] == 1, asked[1], asked[2])));
        }
    }

    /// <param name="word">Resources, or resources, attachments and bytes of each: <c>300</c>, <c>3000+20x1000000</c>.</param>
    private static RecordSize Size(string word)
    {
        int[] parts = [.. word.Split('+', 'x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        return parts is [var resources, var attachments, var bytes] ? new RecordSize(resources, attachments, bytes) : new RecordSize(parts[0]);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
