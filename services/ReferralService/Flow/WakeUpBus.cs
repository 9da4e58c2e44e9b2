using MassTransit;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Carries wake-ups to whichever replica is free. Never the truth: an unhealthy bus is gone around, a lost wake-up is made up by the due row.</summary>
internal sealed partial class WakeUpBus(IBusControl bus, StepRunner runner, StepTime time, ILogger<WakeUpBus> log)
{
    /// <summary>A send may ignore its cancellation while the broker is frozen; it is not waited for longer than this.</summary>
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(5);

    private readonly HashSet<Task> _local = [];

    /// <summary>Sends the wake-up, or runs the step here when the bus cannot carry it or the row has crashes to its name (a step that may kill its process is not handed on).</summary>
    public async Task WakeAsync(ClaimedReferral claimed, CancellationToken cancellationToken)
    {
        if (claimed.Crashes == 0 && bus.CheckHealth().Status == BusHealthStatus.Healthy)
        {
            try
            {
                await Publish(claimed, cancellationToken).WaitAsync(SendWithin, time.Clock, cancellationToken);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Log.NotSent(log, claimed.Id, failure.GetType().Name);
            }
        }

        RunHere(claimed, cancellationToken);
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

    private void RunHere(ClaimedReferral claimed, CancellationToken cancellationToken)
    {
        var run = Task.Run(() => runner.RunAsync(claimed.Id, claimed.Fence, claimed.Crashes, cancellationToken), CancellationToken.None);
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
