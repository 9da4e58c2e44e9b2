using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>The built service as a process: can be killed without warning and started again on what it left behind.</summary>
internal sealed class ServiceReplica : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, string> _settings;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("referral-replica-");
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    /// <param name="settings">Keys as in appsettings.json, with colons.</param>
    public ServiceReplica(IReadOnlyDictionary<string, string> settings)
    {
        _settings = new Dictionary<string, string>(settings);
        _settings.TryAdd("urls", $"http://127.0.0.1:{FreePort.Take()}");
        _settings.TryAdd("Ledger:ConnectionString", $"Data Source={LedgerFile}");
        _settings.TryAdd("Gathering:SpoolFolder", SpoolFolder);
        Http = new HttpClient { BaseAddress = new Uri(_settings["urls"]) };
    }

    public HttpClient Http { get; }

    /// <summary>Where all of its files are.</summary>
    public string Folder => _folder.FullName;

    public string LedgerFile => Path.Combine(_folder.FullName, "referrals.db");

    public string SpoolFolder => Path.Combine(_folder.FullName, "spool");

    /// <summary>Content lies encrypted in its database.</summary>
    public bool EncryptsContent => _settings.TryGetValue("Vault:KeyFile", out var file) && file.Length > 0;

    /// <summary>Everything it has said on standard output and error, over all its lives.</summary>
    public string Output => string.Join('\n', _output);

    public static async Task<ServiceReplica> StartNewAsync(IReadOnlyDictionary<string, string> settings)
    {
        var replica = new ServiceReplica(settings);
        try
        {
            await replica.StartAsync();
            return replica;
        }
        catch (Exception)
        {
            // Nobody else knows of it who could end it.
            await replica.DisposeAsync();
            throw;
        }
    }

    /// <summary>The points to arm at the next start (form: <c>FaultPoint.Armed.cs</c>); the build with fault points runs when this is not null.</summary>
    public string? FaultPoints { get; set; }

    /// <summary>Another build than the one under test: its dll.</summary>
    public string? Build { get; set; }

    /// <summary>One line for each strike, over all lives.</summary>
    public string FaultLog => Path.Combine(_folder.FullName, "strikes.log");

    /// <summary>Nobody reads what it says, so that its pipes fill.</summary>
    public bool LeavesOutputUnread { get; init; }

    /// <summary>What <c>%p</c> draws from at the next start.</summary>
    public int FaultSeed { get; set; } = 1;

    public int ProcessId => _process!.Id;

    /// <summary>Started, and not ended by itself or by us.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>It ended by itself; <see cref="ExitedAsync"/> says how.</summary>
    public bool HasEnded => _process is { HasExited: true };

    /// <summary>A setting for the next start.</summary>
    public void Set(string key, string value) => _settings[key] = value;

    /// <summary>Starts and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Launch();
        if (!await ReadyAsync())
        {
            // What it says last of itself is why.
            var last = string.Join(" ", _output.Where(line => line.Length > 0).TakeLast(3));
            throw new InvalidOperationException($"It ended with exit code {await ExitedAsync()} instead of becoming ready: {last}");
        }
    }

    /// <summary>Waits until it is ready, or has ended by itself: then false.</summary>
    public async Task<bool> ReadyAsync()
    {
        var ready = false;
        await UntilAsync("ready or ended", async () => !IsRunning || (ready = (await Http.GetAsync("/health/ready")).IsSuccessStatusCode));
        return ready;
    }

    /// <summary>Starts and waits for nothing.</summary>
    public void Launch()
    {
        _process?.Dispose();
        var normal = Build ?? typeof(ReferralHost).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [FaultPoints is null ? normal : WithFaultPoints()])
        {
            WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in _settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        if (FaultPoints is not null)
        {
            start.Environment["REFERRAL_FAULT_POINTS"] = FaultPoints;
            start.Environment["REFERRAL_FAULT_LOG"] = FaultLog;
            start.Environment["REFERRAL_FAULT_SEED"] = $"{FaultSeed}";
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        Watchdog.Start(_process, group: false);
        if (!LeavesOutputUnread)
        {
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
    }

    /// <summary>Waits until it ends by itself (a fault point that kills, a refused start); its exit code.</summary>
    public async Task<int> ExitedAsync()
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        await _process!.WaitForExitAsync(ceiling.Token);
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>SIGKILL, not waited for.</summary>
    public void SignalKill()
    {
        // One that has ended is nobody any more, or somebody else.
        if (IsRunning)
        {
            Signals.Send(_process!.Id, Signals.Kill);
        }
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        SignalKill();
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGTERM; its exit code.</summary>
    public Task<int> StopAsync()
    {
        Signals.Send(_process!.Id, Signals.Terminate);
        return ExitedAsync();
    }

    public async Task<string> SubmitAsync(string serviceRequest, string? recipient)
    {
        using var answer = await Http.PostAsJsonAsync("/api/referrals", new { ehr = "main", serviceRequest, recipient });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    public async Task<JsonElement> ShowAsync(string id) => await Http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}");

    /// <summary>The newest two hundred referrals, without timelines.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync()
        => [.. (await Http.GetFromJsonAsync<JsonElement>("/api/referrals?limit=200")).GetProperty("items").EnumerateArray()];

    public async Task<JsonElement> UntilStateAsync(string id, string state)
    {
        JsonElement shown = default;
        await UntilAsync($"referral {state}", async () =>
        {
            shown = await Http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}");
            return shown.GetProperty("state").GetString() == state;
        });
        return shown;
    }

    public async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (!ceiling.IsCancellationRequested)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception away) when (away is HttpRequestException or IOException)
            {
                // Not listening yet, or just killed.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"Not {what} within {Ceiling}. It said:\n{Output}");
    }

    /// <summary>Built beside the tests (see their project file), in the host's own <c>bin/{configuration}/faults</c>.</summary>
    private static string WithFaultPoints()
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var configuration = tests.Parent!.Name;
        var services = tests.Parent.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(services, "ReferralService", "bin", configuration, "faults", "ReferralService.dll");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        Http.Dispose();
        _folder.Delete(recursive: true);
    }
}
