namespace ReferralService.Flow;

/// <summary>
/// The process is told to stop. It is unready at once (Ops) and takes nothing new (each loop sees the same token); here it goes on answering while the
/// steps under way end within <see cref="StepRunner.Grace"/> or are cut off and given back. Only then do the listener, the bus, the relay and the ledger stop.
/// </summary>
internal sealed partial class Drain(StepSlots slots, WakeUpBus bus, StepTime time, IHostApplicationLifetime lifetime, ILogger<Drain> log) : IHostedLifecycleService
{
    /// <summary>For what is written when a step was cut off.</summary>
    private static readonly TimeSpan Longest = StepRunner.Grace + TimeSpan.FromSeconds(2);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // A signal has said so already; a host that is stopped by its own caller comes here first.
        lifetime.StopApplication();
        var began = time.Clock.GetTimestamp();
        Log.Began(log, slots.Running);
        try
        {
            await Task.WhenAll(slots.QuietAsync(Longest, cancellationToken), bus.DrainAsync().WaitAsync(Longest, time.Clock, cancellationToken));
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException)
        {
            // What is still under way is left to its lease.
        }

        Log.Ended(log, slots.Running, (long)time.Clock.GetElapsedTime(began).TotalMilliseconds);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(8701, LogLevel.Information, "Told to stop: nothing new is taken; steps under way: {Running}")]
        public static partial void Began(ILogger log, int running);

        [LoggerMessage(8702, LogLevel.Information, "Drained after {Milliseconds} ms; steps left to their leases: {Running}")]
        public static partial void Ended(ILogger log, int running, long milliseconds);
    }
}
