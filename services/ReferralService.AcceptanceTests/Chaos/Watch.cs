using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Serving;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Looks at the processes and at the partners' side all the while: memory, write-ahead log, descriptors, failing requests, the cursor.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly World _world;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _looking;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<ResourceSample> _samples = new();
    private readonly ConcurrentQueue<FailedRequest> _failures = new();
    private readonly ConcurrentQueue<CursorReading> _cursors = new();

    public Watch(World world)
    {
        _world = world;
        world.Ehr.Requests.Answered += request => Note("ehr", request);
        foreach (var consultant in world.Consultants)
        {
            consultant.Requests.Answered += request => Note(consultant.Name, request);
        }

        _looking = LookAsync();
    }

    public IReadOnlyList<ResourceSample> Samples => [.. _samples];
    public IReadOnlyList<FailedRequest> Failures => [.. _failures];
    public IReadOnlyList<CursorReading> Cursors => [.. _cursors];

    /// <summary>The load is even from now on.</summary>
    public bool Steady { get; set; }

    public async Task ReadCursorAsync()
    {
        if (await _world.Ledger.CursorAsync() is { } reading)
        {
            _cursors.Enqueue(reading);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _looking;
        _end.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            foreach (var replica in _world.Replicas)
            {
                Look(replica);
            }

            await Task.Delay(Every, TimeProvider.System, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look(ServiceReplica replica)
    {
        try
        {
            if (!replica.IsRunning)
            {
                return;
            }

            var resident = File.ReadLines($"/proc/{replica.ProcessId}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            if (resident is null)
            {
                return;
            }

            var wal = new FileInfo(replica.LedgerFile + "-wal");
            _samples.Enqueue(new ResourceSample(
                $"process {replica.ProcessId}", Stopwatch.GetElapsedTime(_began), long.Parse(resident.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10,
                wal.Exists ? wal.Length : 0, Directory.GetFiles($"/proc/{replica.ProcessId}/fd").Length, Steady));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or NullReferenceException or UnauthorizedAccessException)
        {
            // It has just been killed.
        }
    }

    /// <summary>What names one thing: a create names none, and many different ones fail at one address.</summary>
    private void Note(string partner, LoggedRequest request)
    {
        if (request.Status is 0 or >= 500 && request.Method is "GET" or "PUT")
        {
            _failures.Enqueue(new FailedRequest(partner, $"{request.Method} {request.PathAndQuery}", request.At));
        }
    }
}
