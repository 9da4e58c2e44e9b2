using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.Benchmarks.Walk;

/// <summary>The service as a process, with all real parts on: every event, FULL sync, encrypted vault.</summary>
internal sealed class ServiceUnderLoad : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly HttpClient _http;

    private ServiceUnderLoad(Process process, Uri url) => (_process, _http) = (process, new HttpClient { BaseAddress = url });

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory in use now, and the most there ever were.</summary>
    public (long Now, long Peak) Memory => (Status("VmRSS:"), Status("VmHWM:"));

    /// <param name="settings">Beside those of ledger and listener.</param>
    public static async Task<ServiceUnderLoad> StartAsync(string folder, IReadOnlyDictionary<string, string> settings)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        var start = new ProcessStartInfo("dotnet", [typeof(ReferralHost).Assembly.Location]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["urls"] = url.GetLeftPart(UriPartial.Authority);
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = new Process { StartInfo = start };
        var began = Stopwatch.GetTimestamp();
        Watchdog.Start(process, group: false);
        var last = new List<string>();
        process.OutputDataReceived += (_, line) => last.Add(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => last.Add(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var service = new ServiceUnderLoad(process, url);
        while (!await service.IsReadyAsync())
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > Ceiling)
            {
                throw new BrokenRunException($"The service did not become ready: {string.Join(' ', last.TakeLast(5))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        service.ReadyAfter = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return service;
    }

    /// <summary>Seconds from its start until it answered that it is ready.</summary>
    public double ReadyAfter { get; private set; }

    public int ProcessId => _process.Id;

    public HttpClient Http => _http;

    public async Task<Guid> SubmitAsync(string order, string ehr, string? recipient)
    {
        object wish = recipient is null ? new { ehr, serviceRequest = $"ServiceRequest/{order}" } : new { ehr, serviceRequest = $"ServiceRequest/{order}", recipient };
        using var answer = await _http.PostAsJsonAsync("/api/referrals", wish);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>One series without labels of <c>/metrics</c>.</summary>
    public async Task<double> MeasureAsync(string name)
    {
        var text = await _http.GetStringAsync("/metrics");
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            ?? throw new BrokenRunException($"/metrics has no {name}.");
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    public Task<byte[]> PackageAsync(Guid id) => _http.GetByteArrayAsync($"/api/referrals/{id}/package");

    public Task<JsonElement> ManifestAsync(Guid id) => _http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}/manifest");

    public Task<JsonElement> ShowAsync(Guid id) => _http.GetFromJsonAsync<JsonElement>($"/api/referrals/{id}");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private long Status(string name)
        => 1024 * long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
