using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>The service as a process at a broker, with an EHR and a consultant.</summary>
internal sealed class BrokerService : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);

    private int _seed;

    private BrokerService(Scene scene, ServiceReplica replica, int firstSeed) => (Scene, Replica, _seed) = (scene, replica, firstSeed);

    public Scene Scene { get; }

    public ServiceReplica Replica { get; }

    /// <summary>Its wake-ups travel, every one of them.</summary>
    /// <param name="more">Settings beside those of the scene.</param>
    public static async Task<BrokerService> StartAsync(Uri broker, int firstSeed, params (string Key, string Value)[] more)
    {
        var scene = await Scene.StartAsync();
        var replica = await ServiceReplica.StartNewAsync(scene.Settings([("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.OriginalString), ("Flow:InPlace", "0"), .. more]));
        return new BrokerService(scene, replica, firstSeed);
    }

    /// <summary>Submits that many new orders.</summary>
    public async Task<IReadOnlyList<string>> SubmitAsync(int orders)
    {
        var ids = new List<string>();
        for (var i = 0; i < orders; i++)
        {
            ids.Add(await Replica.SubmitAsync(Scene.WriteOrder(_seed++), "east"));
        }

        return ids;
    }

    public async Task UntilDeliveredAsync(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            await Replica.UntilStateAsync(id, "delivered");
        }
    }

    /// <summary>Answers to health probes: the status code of live, of ready, and ready's check of the broker.</summary>
    public async Task<(int Live, int Ready, JsonElement Broker)> HealthAsync()
    {
        using var live = await Replica.Http.GetAsync("/health/live");
        using var ready = await Replica.Http.GetAsync("/health/ready");
        var checks = (await ready.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("checks");
        return ((int)live.StatusCode, (int)ready.StatusCode, checks.EnumerateArray().Single(check => check.GetProperty("name").GetString() == "broker"));
    }

    /// <summary>Waits until ready's check of the broker has this code (null: none), and tells its detail.</summary>
    public async Task<string?> UntilBrokerAsync(string? code)
    {
        JsonElement broker = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                (_, _, broker) = await HealthAsync();
                return code is null ? broker.GetProperty("status").GetString() == "ok" : broker.TryGetProperty("code", out var told) && told.GetString() == code;
            },
            $"the broker's check says {code ?? "ok"}; it said:\n{Replica.Output}",
            Ceiling);
        return broker.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
    }

    /// <summary>Lines of the log that hold this text.</summary>
    public int Said(string text) => Replica.Output.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>The process's threads, and its TCP connections to this port in whatever state.</summary>
    public (int Threads, int Connections) Resources(int port)
    {
        using var process = Process.GetProcessById(Replica.ProcessId);
        var sockets = Directory.GetFiles($"/proc/{Replica.ProcessId}/fd").Select(fd => new FileInfo(fd).LinkTarget).OfType<string>()
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        var remote = $":{port:X4}";
        var connections = new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{Replica.ProcessId}/net/{table}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Count(row => row[2].EndsWith(remote, StringComparison.Ordinal) && sockets.Contains(row[9]));
        return (process.Threads.Count, connections);
    }

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Scene.DisposeAsync();
    }
}
