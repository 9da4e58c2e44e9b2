using System.Diagnostics;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Submits orders so that always the same number is on its way, to the replicas by turns.</summary>
internal sealed class Load(IReadOnlyList<ServiceUnderLoad> services, Arrivals arrivals, IEndings endings)
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(2);
    private int _orders;

    /// <summary>One referral, from before it is submitted until its package has come and its last event is out.</summary>
    /// <param name="ehr">And <paramref name="recipient"/>: as the service's settings name them; no recipient: the order's own.</param>
    /// <returns>Its id, and the milliseconds until the package had come.</returns>
    public async Task<(Guid Id, double Milliseconds)> OneAsync(string ehr = "main", string? recipient = null)
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        var service = services[_orders % services.Count];
        var began = Stopwatch.GetTimestamp();
        var id = await service.SubmitAsync($"order-w{_orders++}", ehr, recipient);
        try
        {
            await arrivals.NextAsync(ceiling.Token);
            var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await endings.AllAsync([id], ceiling.Token);
            return (id, took);
        }
        catch (OperationCanceledException)
        {
            throw new BrokenRunException($"No package came, or an event is missing: {await service.ShowAsync(id)}");
        }
    }

    /// <summary>The clock stops when the last event of the last referral is out; latencies are the service's own, from received to delivered.</summary>
    public async Task<Round> RunAsync(int referrals, int inFlight, string ehr = "main", Func<int, string?>? recipient = null)
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        var ids = new List<Guid>();
        // What asking for the figure costs is known, too.
        var (before, asked) = (await AllocatedAsync(), await AllocatedAsync());
        var cpu = Cpu();
        var began = Stopwatch.GetTimestamp();
        try
        {
            for (int arrived = 0; arrived < referrals; arrived++)
            {
                while (ids.Count < referrals && ids.Count - arrived < inFlight)
                {
                    ids.Add(await services[_orders % services.Count].SubmitAsync($"order-w{_orders++}", ehr, recipient?.Invoke(ids.Count)));
                }

                await arrivals.NextAsync(ceiling.Token);
            }

            var sure = Math.Max(0, ids.Count - 2 * inFlight);
            var latencies = await endings.AllAsync(ids[sure..], ceiling.Token);
            var (clock, spent) = (Stopwatch.GetElapsedTime(began), Cpu() - cpu);
            var allocated = await AllocatedAsync() - asked - (asked - before);
            return Round.Of(referrals, clock, spent, allocated, [.. latencies, .. await endings.AllAsync(ids[..sure], ceiling.Token)]);
        }
        catch (OperationCanceledException)
        {
            throw new BrokenRunException($"Of {referrals} referrals some were not delivered within {Ceiling}; the last: {await services[0].ShowAsync(ids[^1])}");
        }
    }

    private TimeSpan Cpu() => services.Aggregate(TimeSpan.Zero, (sum, service) => sum + service.Cpu);

    private async Task<long> AllocatedAsync()
    {
        long sum = 0;
        foreach (var service in services) sum += (long)await service.MeasureAsync("dotnet_gc_allocated_bytes_total");
        return sum;
    }
}
