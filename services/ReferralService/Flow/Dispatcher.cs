using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Claims due referrals within the limits and sends their wake-ups. The row is the command; this only makes it quick.</summary>
internal sealed partial class Dispatcher(ReferralBook book, WakeUpBus bus, StepSlots slots, WorkSignal signal, FlowOptions options, StepTime time, ILogger<Dispatcher> log)
    : BackgroundService
{
    private readonly long _started = time.Clock.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var unavailable = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signal.Next;
            try
            {
                var claimed = await ClaimAsync(stoppingToken);
                foreach (var one in claimed)
                {
                    if (Suspicion.Wait(one.Crashes, time.Clock.GetElapsedTime(_started)) is { } wait)
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
                await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }

        await bus.DrainAsync();
    }

    private async Task<IReadOnlyList<ClaimedReferral>> ClaimAsync(CancellationToken cancellationToken)
    {
        var leased = await book.LeasedAsync(cancellationToken);
        var free = options.MaxInFlight - Math.Max(slots.Running, 0);
        if (free <= 0)
        {
            return [];
        }

        var limits = new ClaimLimits(
            free,
            options.Lease,
            [.. leased.ByEhr.Where(e => e.Value >= options.PerEhr).Select(e => e.Key)],
            [.. leased.ByRecipient.Where(r => r.Value >= options.PerRecipient).Select(r => r.Key)]);
        return await book.ClaimDueAsync(limits, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Warning, "The ledger is unavailable ({Code}); nothing is dispatched until it is back")]
        public static partial void LedgerUnavailable(ILogger log, string code);
    }
}
