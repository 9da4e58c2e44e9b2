using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace ReferralService.Benchmarks.Walk;

/// <summary>What processes allocate on the large object heap, as their runtimes tell it (a word for each 100 kB or more).</summary>
internal static class LargeObjects
{
    /// <summary>Bytes of all processes while the work runs, and of what types the most.</summary>
    public static async Task<(long Bytes, string Types)> WatchAsync(IReadOnlyList<ServiceUnderLoad> services, Func<Task> work)
    {
        const int told = 3;
        var types = new ConcurrentDictionary<string, long>();
        var watches = new List<(EventPipeSession Session, Task Reading)>();
        foreach (var service in services)
        {
            var session = new DiagnosticsClient(service.ProcessId).StartEventPipeSession(
                [new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Verbose, (long)ClrTraceEventParser.Keywords.GC)], requestRundown: false);
            watches.Add((session, Task.Run(() => Read(session))));
        }

        await work();
        foreach (var (session, reading) in watches)
        {
            await session.StopAsync(CancellationToken.None);
            await reading;
            session.Dispose();
        }

        return (types.Values.Sum(), string.Join(", ", types.OrderByDescending(t => t.Value).Take(told).Select(t => $"{t.Key} {t.Value / 1e6:0.0} MB")));

        void Read(EventPipeSession session)
        {
            using var source = new EventPipeEventSource(session.EventStream);
            source.Clr.GCAllocationTick += tick =>
            {
                if (tick.AllocationKind == GCAllocationKind.Large) types.AddOrUpdate(tick.TypeName, tick.AllocationAmount64, (_, sum) => sum + tick.AllocationAmount64);
            };
            source.Process();
        }
    }
}
