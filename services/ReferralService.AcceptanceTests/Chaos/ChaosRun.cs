using System.Collections.Concurrent;
using System.Diagnostics;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>One set-up with its load and its watch, while phase after phase does harm to it.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>From then on it is said what is waited for.</summary>
    private static readonly TimeSpan LongDrain = TimeSpan.FromSeconds(20);

    private readonly List<Drain> _drains = [];

    private ChaosRun(World world, ChaosPlan plan, int seed, ChaosScreen screen)
    {
        (World, Plan, Screen) = (world, plan, screen);
        Load = new Load(world, seed);
        Watch = new Watch(world);
    }

    public World World { get; }
    public ChaosPlan Plan { get; }
    public ChaosScreen Screen { get; }
    public Load Load { get; }
    public Watch Watch { get; }

    /// <summary>What was done, by name, for the summary.</summary>
    public ConcurrentDictionary<string, int> Counts { get; } = new();

    /// <summary>What was to be done and was not: a run that did less than it says is a failed one.</summary>
    public ConcurrentQueue<string> Shortfalls { get; } = new();
    public ConcurrentQueue<Naming> Namings { get; } = new();
    public ConcurrentQueue<LatencySample> Latencies { get; } = new();
    public IReadOnlyList<Drain> Drains => _drains;

    public static async Task<ChaosRun> StartAsync(ChaosSetup setup, ChaosPlan plan, int replicas, int seed, ChaosScreen screen)
    {
        var world = await World.StartAsync(setup, replicas);
        if (world.Broker is not null)
        {
            await StatusQueue.BindAsync(world.Broker.Address);
        }

        return new ChaosRun(world, plan, seed, screen);
    }

    public void Count(string what, int more = 1) => Counts.AddOrUpdate(what, more, (_, was) => was + more);

    /// <summary>Strikes at fault points so far, of all replicas: <c>K07 kill</c>.</summary>
    public IReadOnlyList<string> Strikes() => [.. World.Replicas.Where(r => File.Exists(r.FaultLog)).SelectMany(r => File.ReadLines(r.FaultLog))];

    /// <summary>Every replica runs, with these points armed (null: the normal build) and no others.</summary>
    public Task RestartAllAsync(string? points) => Task.WhenAll(World.Replicas.Select(async replica =>
    {
        if (replica.IsRunning)
        {
            if (replica.FaultPoints == points)
            {
                return;
            }

            await replica.StopAsync();
        }

        replica.FaultPoints = points;
        replica.FaultSeed = Load.Draw(int.MaxValue);
        await replica.StartAsync();
    }));

    /// <summary>All trouble is lifted, the normal build runs, and the backlog of referrals has to drain by itself.</summary>
    public async Task QuietAsync(string phase)
    {
        World.Heal();
        await RestartAllAsync(null);
        await DrainAsync(phase, async () => Math.Max(await World.Ledger.UnfinishedAsync(), Load.Underway));
        await Watch.ReadCursorAsync();
    }

    /// <summary>The last events go out. Not waited for after each phase: those under way when the database went away are the lost relay's for a minute.</summary>
    public Task EventsOutAsync() => DrainAsync("all, events", World.Ledger.EventsWaitingAsync);

    /// <summary>How long until a replica's health names it. The fault stands while this runs.</summary>
    public async Task NameAsync(string fault, string check)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Invariants.FaultNamed.Within + TimeSpan.FromSeconds(5))
        {
            foreach (var replica in World.Replicas)
            {
                if (await HealthAsync(replica, check))
                {
                    Namings.Enqueue(new Naming(fault, Stopwatch.GetElapsedTime(began)));
                    return;
                }
            }

            await Task.Delay(Look, TimeProvider.System);
        }

        Namings.Enqueue(new Naming(fault, null));
    }

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        Load.Dispose();
        await World.DisposeAsync();
    }

    private async Task DrainAsync(string phase, Func<Task<int>> left)
    {
        var began = Stopwatch.GetTimestamp();
        var (last, calm, said) = (int.MaxValue, 0, false);
        while (calm < 3 && Stopwatch.GetElapsedTime(began) < Plan.DrainCeiling)
        {
            last = await left();
            // Three times in a row: between two looks a poll may have found what nobody told of.
            calm = last == 0 ? calm + 1 : 0;
            Screen.Progress(0, 0, $"waiting for {last}");
            if (!said && Stopwatch.GetElapsedTime(began) > LongDrain)
            {
                said = true;
                Screen.Say($"  waiting for: {await World.Ledger.WaitingAsync()}");
            }

            await Task.Delay(Look, TimeProvider.System);
        }

        _drains.Add(new Drain(phase, Stopwatch.GetElapsedTime(began), last));
        Screen.Say($"  drained in {_drains[^1].Took.TotalSeconds:F1} s, {last} left{(last == 0 ? "" : $": {await World.Ledger.WaitingAsync()}")}");
    }

    /// <summary>Whether this check is there and not ok.</summary>
    private static async Task<bool> HealthAsync(ServiceReplica replica, string check)
    {
        try
        {
            using var answer = await replica.Http.GetAsync("/health/ready");
            using var report = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return report.RootElement.GetProperty("checks").EnumerateArray()
                .Any(c => c.GetProperty("name").GetString() == check && c.GetProperty("status").GetString() != "ok" && c.TryGetProperty("code", out _));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
