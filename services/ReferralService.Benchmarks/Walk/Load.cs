using System.Diagnostics;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Submits orders so that always the same number is on its way.</summary>
internal sealed class Load(ServiceUnderLoad service, Arrivals arrivals)
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(30);
    private int _orders;

    public async Task<Guid> OneAsync()
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        var id = await service.SubmitAsync($"order-w{_orders++}");
        try
        {
            await arrivals.NextAsync(ceiling.Token);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"No package came: {await service.ShowAsync(id)}");
        }

        while (!await service.AllDeliveredAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ceiling.Token);
        }

        return id;
    }

    /// <summary>The clock stops when the last is delivered; latencies are the service's own, from received to delivered.</summary>
    public async Task<Round> RunAsync(int referrals, int inFlight)
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        var ids = new List<Guid>();
        var cpu = service.Cpu;
        var began = Stopwatch.GetTimestamp();
        for (int arrived = 0; arrived < referrals; arrived++)
        {
            while (ids.Count < referrals && ids.Count - arrived < inFlight)
            {
                ids.Add(await service.SubmitAsync($"order-w{_orders++}"));
            }

            await arrivals.NextAsync(ceiling.Token);
        }

        while (!await service.AllDeliveredAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, ceiling.Token);
        }

        var (clock, spent) = (Stopwatch.GetElapsedTime(began), service.Cpu - cpu);
        var latencies = new List<double>();
        foreach (var id in ids)
        {
            var timeline = (await service.ShowAsync(id)).GetProperty("timeline").EnumerateArray().ToList();
            latencies.Add((timeline.First(l => l.GetProperty("event").GetString() == "delivered").GetProperty("at").GetDateTimeOffset() - timeline[0].GetProperty("at").GetDateTimeOffset()).TotalMilliseconds);
        }

        return Round.Of(referrals, clock, spent, -1, latencies);
    }
}
