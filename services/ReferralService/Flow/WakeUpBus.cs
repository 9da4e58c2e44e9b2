using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Lets what was claimed run: here while there is little to do, else by a wake-up at whichever replica is free. Never the truth: an unhealthy bus is gone around, a lost wake-up is made up by the due row.</summary>
/// <remarks>docs/adr/0018: the way over the broker costs more than a claim, and only a replica with much to do gains by it.</remarks>
internal sealed partial class WakeUpBus(WakeUpLink link, LocalSteps steps, FlowOptions options, StepTime time, ILogger<WakeUpBus> log)
{
    /// <summary>A send may ignore its cancellation while the broker is frozen; it is not waited for longer than this.</summary>
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(5);

    /// <summary>How long the bus is gone around after it failed to take a wake-up.</summary>
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(15);

    /// <summary>After so many failures in a row its connection is not trusted any more: the client has faults from which it does not recover.</summary>
    private const int FailuresBeforeRecycling = 3;

    private DateTimeOffset _avoidUntil = DateTimeOffset.MinValue;
    private int _failures;

    /// <summary>Sends the wake-up, or runs the step here when that is as good, the bus cannot carry it or the row has crashes to its name (a step that may kill its process is not handed on).</summary>
    public async Task WakeAsync(ClaimedReferral claimed, CancellationToken cancellationToken)
    {
        if (claimed.Crashes == 0 && steps.Count >= options.InPlace && time.Now >= _avoidUntil && link.Current is { } bus)
        {
            try
            {
                await WakeUpPath.SendAsync(bus, claimed, time.Now, cancellationToken).WaitAsync(SendWithin, time.Clock, cancellationToken);
                _failures = 0;
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // A frozen broker looks healthy for a while: not every one of many claims may wait for it in turn, or their leases run out meanwhile.
                _avoidUntil = time.Now + AvoidFor;
                _failures++;
                if (_failures == 1)
                {
                    Log.NotSent(log, failure.GetType().Name);
                }
                else if (_failures % FailuresBeforeRecycling == 0)
                {
                    link.Suspect(bus);
                }
            }
        }

        steps.Start(claimed);
    }

    /// <summary>Completes when no step runs in this process any more.</summary>
    public Task DrainAsync() => steps.DrainAsync();

    private static partial class Log
    {
        [LoggerMessage(8401, LogLevel.Warning, "The bus does not take wake-ups ({ExceptionType}); steps run in this process until it does (said once)")]
        public static partial void NotSent(ILogger log, string exceptionType);
    }
}
