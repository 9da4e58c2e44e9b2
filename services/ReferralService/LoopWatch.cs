namespace ReferralService;

/// <summary>A loop in the background that ended by itself.</summary>
/// <param name="Loop">Its class.</param>
internal sealed record LoopFault(string Loop, Exception Cause);

/// <summary>Says so when a loop in the background ends that nobody ended, and ends the process then: half a service would look like a whole one.</summary>
/// <remarks>
/// In place of what the host does by itself: that cannot tell a cancellation of the loop's own (a database driver's, a timeout's) from the wished stop,
/// and writes the message of whatever was thrown into the log.
/// </remarks>
internal sealed partial class LoopWatch(IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<LoopWatch> logger) : IHostedLifecycleService
{
    private Task _watching = Task.CompletedTask;
    private LoopFault? _fault;

    /// <summary>Whether the service was once up: what goes wrong from then on is not that it does not start.</summary>
    public bool Began { get; private set; }

    /// <summary>The first; null: none.</summary>
    public LoopFault? Fault => Volatile.Read(ref _fault);

    public static void AddTo(IServiceCollection services)
    {
        services.Configure<HostOptions>(static host => host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore);
        services.AddSingleton<LoopWatch>();
        services.AddHostedService(static provider => provider.GetRequiredService<LoopWatch>());
    }

    /// <summary>All of them run now; one that has ended already is seen as well.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Began = true;
        _watching = Task.WhenAll(services.GetServices<IHostedService>().OfType<BackgroundService>().Select(WatchAsync).ToList());
        return Task.CompletedTask;
    }

    /// <summary>So that none that failed on its way out goes unseen.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
        => await _watching.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WatchAsync(BackgroundService loop)
    {
        try
        {
            await (loop.ExecuteTask ?? Task.CompletedTask);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // As it was told.
        }
        catch (Exception cause)
        {
            var name = loop.GetType().Name;
            Interlocked.CompareExchange(ref _fault, new LoopFault(name, cause), null);
            Log.Ended(logger, name, cause.GetType().Name, cause.StackTrace);
            lifetime.StopApplication();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9201, LogLevel.Critical, "{Loop} ended with {ExceptionType}, a fault of the program; the process ends with exit code 1, to be started again.\n{StackTrace}")]
        public static partial void Ended(ILogger logger, string loop, string exceptionType, string? stackTrace);
    }
}
