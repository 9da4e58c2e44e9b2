using MassTransit;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Carries wake-ups to whichever replica is free. Never the truth: an unhealthy bus is gone around, a lost wake-up is made up by the due row.</summary>
internal sealed partial class WakeUpBus(IBusControl bus, StepRunner runner, StepTime time, ILogger<WakeUpBus> log)
{
    /// <summary>A send may ignore its cancellation while the broker is frozen; it is not waited for longer than this.</summary>
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(5);

    /// <summary>How long the bus is gone around after it failed to take a wake-up.</summary>
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(15);

    private readonly HashSet<Task> _local = [];
    private DateTimeOffset _avoidUntil = DateTimeOffset.MinValue;

    /// <summary>Sends the wake-up, or runs the step here when the bus cannot carry it or the row has crashes to its name (a step that may kill its process is not handed on).</summary>
    public async Task WakeAsync(ClaimedReferral claimed, CancellationToken cancellationToken)
    {
        if (claimed.Crashes == 0 && time.Now >= _avoidUntil && bus.CheckHealth().Status == BusHealthStatus.Healthy)
        {
            try
            {
                await Publish(claimed, cancellationToken).WaitAsync(SendWithin, time.Clock, cancellationToken);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // A frozen broker looks healthy for a while: not every one of many claims may wait for it in turn, or their leases run out meanwhile.
                _avoidUntil = time.Now + AvoidFor;
                Log.NotSent(log, claimed.Id, failure.GetType().Name);
            }
        }

        RunHere(claimed);
    }

    /// <summary>Completes when no step that was started here runs any more.</summary>
    public Task DrainAsync()
    {
        lock (_local)
        {
            return Task.WhenAll(_local);
        }
    }

    private Task Publish(ClaimedReferral claimed, CancellationToken cancellationToken) => claimed.State is ReferralState.Packaged or ReferralState.Delivering
        ? bus.Publish(new DeliverReferral(claimed.Id.Value, claimed.Fence, time.Now), cancellationToken)
        : bus.Publish(new PackageReferral(claimed.Id.Value, claimed.Fence, time.Now), cancellationToken);

    private void RunHere(ClaimedReferral claimed)
    {
        // Not the dispatcher's token: the runner itself knows how a step ends when the process stops.
        var run = Task.Run(() => runner.RunAsync(claimed.Id, claimed.Fence, claimed.Crashes), CancellationToken.None);
        lock (_local)
        {
            _local.Add(run);
        }

        run.ContinueWith(
            done =>
            {
                lock (_local)
                {
                    _local.Remove(done);
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static partial class Log
    {
        [LoggerMessage(8401, LogLevel.Warning, "Referral {Referral}: its wake-up could not be sent ({ExceptionType}); the step runs in this process")]
        public static partial void NotSent(ILogger log, ReferralId referral, string exceptionType);
    }
}
