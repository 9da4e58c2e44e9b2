using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ReferralService.Sandbox.Demo;

/// <summary>The service as a process of its own, told what to do by environment variables alone, in a folder that goes away with it.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>By which .NET takes settings of the host from the environment, the address among them.</summary>
    private static readonly string[] HostPrefixes = ["", "ASPNETCORE_", "DOTNET_"];

    /// <summary>Every section that the service reads.</summary>
    private static readonly string[] Sections = ["Api", "Bus", "Consent", "Delivery", "Ehrs", "Flow", "Gathering", "Intake", "Kestrel", "Ledger", "Logging", "Recipients", "Telemetry", "Validation", "Vault", "Webhooks"];

    /// <summary>Where the service is to listen, or is reached, and what else of the host's own would change it.</summary>
    private static readonly string[] Addresses = ["urls", "http_ports", "https_ports", "PublicUrl", "environment", "contentRoot", "applicationName", "hostingStartupAssemblies", "preferHostingUrls"];

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServiceProcess(Process process, string folder, Uri url) => (_process, Folder, Url) = (process, folder, url);

    /// <summary>Where its ledger is.</summary>
    public string Folder { get; }

    public Uri Url { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Once it has exited.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it has said lately, oldest first.</summary>
    public IReadOnlyList<string> LastLines(int count) => [.. _lines.TakeLast(count)];

    /// <param name="settings">Of interfaces §2, by their environment names (<c>Bus__Transport</c>).</param>
    /// <param name="url">Where it is to listen.</param>
    public static ServiceProcess Start(string dll, Uri url, IReadOnlyDictionary<string, string> settings)
    {
        var folder = Directory.CreateTempSubdirectory("referral-demo-").FullName;
        var start = new ProcessStartInfo(ServiceBuild.Dotnet, [dll]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // Settings that lie about in this shell are not the demo's.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList()) start.Environment.Remove(name);
        start.Environment["ASPNETCORE_URLS"] = url.GetLeftPart(UriPartial.Authority);
        start.Environment["PublicUrl"] = url.GetLeftPart(UriPartial.Authority);
        start.Environment["Ledger__Provider"] = "Sqlite";
        start.Environment["Ledger__ConnectionString"] = $"Data Source={Path.Combine(folder, "referrals.db")}";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var service = new ServiceProcess(new Process { StartInfo = start }, folder, url);
        service._process.OutputDataReceived += service.OnLine;
        service._process.ErrorDataReceived += service.OnLine;
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    /// <summary>Whether an environment variable would set something of the service's.</summary>
    public static bool IsSetting(string variable) => HostPrefixes.Any(prefix =>
        variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (Addresses.Contains(variable[prefix.Length..], StringComparer.OrdinalIgnoreCase)
            || Sections.Any(s => variable.AsSpan(prefix.Length).StartsWith($"{s}__", StringComparison.OrdinalIgnoreCase) || variable.AsSpan(prefix.Length).StartsWith($"{s}:", StringComparison.OrdinalIgnoreCase))));

    /// <summary>A free port below the range from which the kernel takes ports for outgoing connections, so that nobody takes it meanwhile.</summary>
    public static Uri FreeAddress()
    {
        var start = 18_000 + (Environment.ProcessId * 7 + (int)(Stopwatch.GetTimestamp() % 9_973)) % 13_000;
        for (var port = start; port < start + 500; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return new Uri($"http://127.0.0.1:{port}");
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
        throw new DemoFailure("No free port was found.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void OnLine(object sender, DataReceivedEventArgs line)
    {
        if (string.IsNullOrEmpty(line.Data)) return;
        _lines.Enqueue(line.Data);
        while (_lines.Count > 500) _lines.TryDequeue(out _);
    }
}
