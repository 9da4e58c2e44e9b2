using ReferralService.Contracts;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Flow;

/// <summary>Runs one wake-up: takes the referral over if its fence still holds, and lets the step that its state wants do the work.</summary>
internal sealed partial class StepRunner(
    ReferralBook book, PackagingStep packaging, DeliveryStep delivering, StepSlots slots, FlowOptions options, StepTime time, ILogger<StepRunner> log)
{
    public async Task RunAsync(ReferralId id, long fence, int crashes, CancellationToken cancellationToken)
    {
        using var place = await slots.EnterAsync(alone: Suspicion.RunsAlone(crashes), cancellationToken);
        Referral? held = null;
        try
        {
            held = await book.BeginAsync(id, fence, options.Lease, cancellationToken);
            if (held is null)
            {
                return;
            }

            if (Suspicion.IsPoison(held.Crashes))
            {
                await book.AdvanceAsync(held, Poison, keepLease: null, cancellationToken);
            }
            else if (held.State is ReferralState.Packaged or ReferralState.Delivering)
            {
                await delivering.RunAsync(held, cancellationToken);
            }
            else
            {
                await packaging.RunAsync(held, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops or the lease is lost. In the first case the row is given back, so that nobody has to wait for the lease.
            await GiveBackAsync(held, TimeSpan.Zero);
        }
        catch (LedgerUnavailableException unavailable)
        {
            Log.LedgerUnavailable(log, id, unavailable.Code);
        }
        catch (Exception failure)
        {
            Log.Failed(log, id, failure.GetType().Name, failure.StackTrace);
            await FailedAsync(held, cancellationToken);
        }
    }

    private Transition Poison(Referral referral) => StepTransitions.Held(
        referral, ReasonCodes.Poison, "Working on it ended the process again and again, the last times alone. Report it; retry tries once more.", time.Now);

    /// <summary>A fault of ours: later again, as long as the deadlines allow.</summary>
    private async Task FailedAsync(Referral? held, CancellationToken cancellationToken)
    {
        if (held is null)
        {
            return;
        }

        var due = time.Now + Backoff.Delay(held.GatherTries + held.Attempt, time.Jitter(), null);
        try
        {
            await book.AdvanceAsync(
                held,
                r => r.State is ReferralState.Packaged or ReferralState.Delivering
                    ? StepTransitions.Postponed(r, ReasonCodes.InternalError, due, TimeSpan.FromDays(3), time.Now)
                    : StepTransitions.GatherDeferred(r, ReasonCodes.InternalError, due, time.Now + TimeSpan.FromDays(1), time.Now),
                keepLease: null,
                cancellationToken);
        }
        catch (LedgerUnavailableException unavailable)
        {
            Log.LedgerUnavailable(log, held.Id, unavailable.Code);
        }
    }

    private async Task GiveBackAsync(Referral? held, TimeSpan delay)
    {
        if (held is null)
        {
            return;
        }

        try
        {
            await book.ReleaseAsync(held.Id, held.Fence, time.Now + delay, CancellationToken.None);
        }
        catch (LedgerUnavailableException unavailable)
        {
            Log.LedgerUnavailable(log, held.Id, unavailable.Code);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8301, LogLevel.Warning, "Referral {Referral}: the ledger is unavailable ({Code}); the lease runs out and the step is taken up again")]
        public static partial void LedgerUnavailable(ILogger log, ReferralId referral, string code);

        [LoggerMessage(8302, LogLevel.Error, "Referral {Referral}: a step failed with {ExceptionType}; it is tried again later.\n{StackTrace}")]
        public static partial void Failed(ILogger log, ReferralId referral, string exceptionType, string? stackTrace);
    }
}
