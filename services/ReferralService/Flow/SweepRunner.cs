using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>The reconciliation that catches what a hook lost: per EHR, by interval or when a hook named nothing. Also tells the open referrals' orders to be read again.</summary>
internal sealed partial class SweepRunner(
    NoticeBook notices, ReferralBook book, OrderSweep sweep, EhrRegistry ehrs, WorkSignal signal, FlowOptions options, StepTime time, ILogger<SweepRunner> log)
    : BackgroundService
{
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var ehr in ehrs.All)
        {
            await UntilDoneAsync(() => notices.OpenCursorAsync(ehr.Name, ehr.Since ?? time.Now, stoppingToken), stoppingToken);
        }

        await Task.WhenAll(ehrs.All.Select(ehr => WatchAsync(ehr, stoppingToken)));
    }

    private async Task WatchAsync(EhrOptions ehr, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signal.Next;
            try
            {
                if (await notices.ClaimSweepAsync(ehr.Name, ehr.PollInterval, options.Lease * 10, stoppingToken) is { } claimed)
                {
                    await RunAsync(ehr, claimed, stoppingToken);
                }
                else
                {
                    await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (LedgerUnavailableException)
            {
                await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
            }
        }
    }

    private async Task RunAsync(EhrOptions ehr, ClaimedSweep claimed, CancellationToken cancellationToken)
    {
        SweepOutcome outcome;
        try
        {
            outcome = await sweep.RunAsync(
                ehr.Name, claimed.Cursor, time.Now, (page, token) => notices.RecordSweepPageAsync(claimed, page, token), cancellationToken);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or LedgerUnavailableException))
        {
            Log.Failed(log, ehr.Name, failure.GetType().Name, failure.StackTrace);
            outcome = new SweepOutcome.Failed(ReasonCodes.InternalError, null);
        }

        switch (outcome)
        {
            case SweepOutcome.Swept swept:
                await RereadOpenAsync(ehr, cancellationToken);
                await notices.CompleteSweepAsync(claimed, swept.Cursor, cancellationToken);
                _failures.Remove(ehr.Name);
                Log.Swept(log, ehr.Name, swept.Orders);
                break;
            case SweepOutcome.Failed failed:
                var tries = _failures[ehr.Name] = _failures.GetValueOrDefault(ehr.Name) + 1;
                Log.Deferred(log, ehr.Name, failed.Code, tries);
                await notices.DeferSweepAsync(claimed, time.Now + Backoff.Delay(tries - 1, time.Jitter(), failed.RetryAfter), cancellationToken);
                break;
        }
    }

    /// <summary>A revocation must be heard even where the order no longer matches the criteria.</summary>
    private async Task RereadOpenAsync(EhrOptions ehr, CancellationToken cancellationToken)
    {
        var open = await book.OpenOrdersAsync(ehr.Name, cancellationToken);
        if (open.Length > 0)
        {
            await notices.RecordAsync([.. open.Select(order => new NoticeHint(ehr.Name, order, null, NoticeSource.Reread))], cancellationToken);
        }
    }

    private async Task UntilDoneAsync(Func<Task> write, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (LedgerUnavailableException)
            {
                await Task.Delay(options.LookEvery, time.Clock, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8601, LogLevel.Debug, "Swept {Ehr}: {Orders} orders seen")]
        public static partial void Swept(ILogger log, string ehr, int orders);

        [LoggerMessage(8602, LogLevel.Warning, "The sweep of {Ehr} did not succeed ({Code}, try {Tries}); later again from the same cursor")]
        public static partial void Deferred(ILogger log, string ehr, string code, int tries);

        [LoggerMessage(8603, LogLevel.Error, "The sweep of {Ehr} failed with {ExceptionType}.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string ehr, string exceptionType, string? stackTrace);
    }
}
