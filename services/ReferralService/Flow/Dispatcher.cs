using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Claims due referrals within the limits and sends their wake-ups. The row is the command; this only makes it quick.</summary>
internal sealed partial class Dispatcher(ReferralBook book, WakeUpBus bus, StepSlots slots, WorkSignals work, FlowOptions options, StepTime time, IHostApplicationLifetime lifetime, ILogger<Dispatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(5);

    private readonly long _started = time.Clock.GetTimestamp();

    /// <summary>Ends when the process is told to stop, not only when its own turn to stop has come.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await DispatchAsync(stop.Token);
        await bus.DrainAsync();
    }

    private async Task DispatchAsync(CancellationToken stoppingToken)
    {
        var unavailable = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = work.Steps.Next;
            try
            {
                var claimed = await ClaimAsync(stoppingToken);
                foreach (var one in claimed)
                {
                    if (Suspicion.Wait(one.Crashes, time.Clock.GetElapsedTime(_started), options.SuspectAfter) is { } wait)
                    {
                        await book.ReleaseAsync(one.Id, one.Fence, time.Now + wait, stoppingToken);
                    }
                    else
                    {
                        await bus.WakeAsync(one, stoppingToken);
                    }
                }

                unavailable = false;
                if (claimed.Count == 0)
                {
                    await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
                }
            }
            catch (LedgerUnavailableException gone)
            {
                if (!unavailable)
                {
                    Log.LedgerUnavailable(log, gone.Code);
                }

                unavailable = true;
                await Task.Delay(options.LookEvery, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                // What was claimed falls due again when its lease runs out.
                Log.Failed(log, failure.GetType().Name, failure.StackTrace);
                await Task.Delay(PauseAfterFault, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Task<IReadOnlyList<ClaimedReferral>> ClaimAsync(CancellationToken cancellationToken)
        => book.ClaimDueAsync(new ClaimLimits(slots.Free, options.Lease, options.PerEhr, options.PerRecipient) { Shared = true }, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Warning, "The ledger is unavailable ({Code}); nothing is dispatched until it is back")]
        public static partial void LedgerUnavailable(ILogger log, string code);

        [LoggerMessage(8002, LogLevel.Error, "Due referrals could not be dispatched: {ExceptionType}; tried again.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string exceptionType, string? stackTrace);
    }
}
