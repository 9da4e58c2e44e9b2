using System.Text.Json;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>A service that ends itself with SIGKILL at a fault point, and then lives again on what it left.</summary>
internal sealed class KilledService(Scene scene, ServiceReplica replica) : IAsyncDisposable
{
    public Scene Scene { get; } = scene;

    public ServiceReplica Replica { get; } = replica;

    /// <param name="point">As the fault points are armed, e.g. <c>K07:kill@1</c>.</param>
    public static async Task<KilledService> StartAsync(string point, Scene scene, params (string Key, string Value)[] settings)
    {
        var service = New(point, scene, settings);
        await service.Replica.StartAsync();
        return service;
    }

    /// <summary>For a point that it comes to by itself, maybe before it is ready.</summary>
    public static KilledService Launch(string point, Scene scene, params (string Key, string Value)[] settings)
    {
        var service = New(point, scene, settings);
        service.Replica.Launch();
        return service;
    }

    private static KilledService New(string point, Scene scene, (string Key, string Value)[] settings) => new(
        scene, new ServiceReplica(scene.Settings([("Delivery:AttemptTimeout", "00:00:02"), ("Flow:LookEvery", "00:00:00.100"), .. settings])) { FaultPoints = point });

    /// <summary>Waits for the death at the point.</summary>
    public async Task DiesAsync()
    {
        await Replica.ExitedAsync();
        var struck = Replica.FaultPoints![..3];
        Assert.That(File.Exists(Replica.FaultLog) ? await File.ReadAllTextAsync(Replica.FaultLog) : "", Does.StartWith(struck), Replica.Output);
    }

    /// <summary>Starts the build without fault points.</summary>
    public Task LiveAgainAsync()
    {
        Replica.FaultPoints = null;
        return Replica.StartAsync();
    }

    /// <summary>What must be true of a referral however often its service was killed: delivered, one effect at the consultant with the digest told, a sequence without gaps and with one end.</summary>
    public async Task<JsonElement> DeliveredOnceAsync(string id)
    {
        var shown = await Replica.UntilStateAsync(id, "delivered");
        var effect = Scene.Consultant.Effects.All.Single();
        var events = Events(shown);
        Assert.Multiple(() =>
        {
            Assert.That(effect.Digest, Is.EqualTo(shown.GetProperty("package").GetProperty("digest").GetString()));
            Assert.That(events.Select(e => e.Sequence), Is.EqualTo(Enumerable.Range(1, events.Count)));
            Assert.That(events.Count(e => e.Event == "delivered"), Is.EqualTo(1));
            Assert.That(events[^1].Event, Is.EqualTo("delivered"));
        });
        return shown;
    }

    public static IReadOnlyList<(int Sequence, string Event)> Events(JsonElement shown) => [.. shown.GetProperty("timeline").EnumerateArray()
        .Where(line => line.TryGetProperty("sequence", out var sequence) && sequence.ValueKind == JsonValueKind.Number)
        .Select(line => (line.GetProperty("sequence").GetInt32(), line.GetProperty("event").GetString()!))];

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Scene.DisposeAsync();
    }
}
