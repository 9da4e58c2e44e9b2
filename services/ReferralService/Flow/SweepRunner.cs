using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>The reconciliation that catches what a hook lost: per EHR, by interval or when a hook named nothing. Also tells the open referrals' orders to be read again.</summary>
internal sealed partial class SweepRunner(
    NoticeBook notices, ReferralBook book, OrderSweep sweep, OrderVersions versions, EhrRegistry ehrs, PartnerPauses pauses, WorkSignals work, FlowOptions options, StepTime time,
    IHostApplicationLifetime lifetime, ILogger<SweepRunner> log)
    : BackgroundService
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(5);

    private readonly SaidCounts _nameless = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        foreach (var ehr in ehrs.All)
        {
            await UntilDoneAsync(() => notices.OpenCursorAsync(ehr.Name, ehr.Since ?? time.Now, onOurClock: ehr.Since is null, stop.Token), stop.Token);
        }

        await Task.WhenAll(ehrs.All.Select(ehr => WatchAsync(ehr, stop.Token)));
    }

    private async Task WatchAsync(EhrOptions ehr, CancellationToken stoppingToken)
    {
        var tries = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = work.Sweeps.Next;
            try
            {
                if (!(await pauses.AllAsync(stoppingToken)).ContainsKey($"ehr:{ehr.Name}")
                    && await notices.ClaimSweepAsync(ehr.Name, ehr.PollInterval, options.Lease, stoppingToken) is { } claimed)
                {
                    tries = await RunAsync(ehr, claimed, tries, stoppingToken);
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
                await Task.Delay(options.LookEvery, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception failure)
            {
                Log.NotClaimed(log, ehr.Name, failure.GetType().Name, failure.StackTrace);
                await Task.Delay(PauseAfterFault, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <param name="tries">How many sweeps failed in a row before this one.</param>
    /// <returns>How many did after it.</returns>
    private async Task<int> RunAsync(EhrOptions ehr, ClaimedSweep claimed, int tries, CancellationToken stoppingToken)
    {
        await using var lease = new LeaseKeeper(token => notices.RenewSweepAsync(claimed, token), options.Lease, time.Clock, log, stoppingToken);
        try
        {
            switch (await sweep.RunAsync(ehr.Name, claimed.Cursor, claimed.OnOurClock, time.Now, (page, token) => StoreAsync(claimed, page, token), lease.Token))
            {
                case SweepOutcome.Swept swept:
                    await RereadOpenAsync(ehr, lease.Token);
                    await notices.CompleteSweepAsync(claimed, swept.Cursor, lease.Token);
                    Log.Swept(log, ehr.Name, swept.Orders);
                    Measures.SweptOver(ehr.Name, "swept");
                    if (_nameless.IsNews(ehr.Name, swept.Nameless)) Log.Nameless(log, ehr.Name, swept.Nameless);
                    return 0;
                case SweepOutcome.Failed failed:
                    Measures.SweptOver(ehr.Name, Measures.Reason(failed.Code));
                    Log.Deferred(log, ehr.Name, failed.Code, tries + 1);
                    await notices.DeferSweepAsync(claimed, time.Again(tries, failed.RetryAfter), lease.Token);
                    return tries + 1;
                default:
                    throw new InvalidOperationException("A sweep outcome that nobody knows.");
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Given back, so that nobody has to wait for the lease.
            await GiveBackAsync(claimed, time.Now);
            throw;
        }
        catch (OperationCanceledException) when (lease.Token.IsCancellationRequested)
        {
            Log.Deferred(log, ehr.Name, ReasonCodes.LeaseLost, tries + 1);
            await GiveBackAsync(claimed, time.Again(tries, null));
            return tries + 1;
        }
        catch (LedgerUnavailableException gone)
        {
            Log.Deferred(log, ehr.Name, gone.Code, tries + 1);
            await GiveBackAsync(claimed, time.Again(tries, null));
            return tries + 1;
        }
        catch (Exception failure)
        {
            Log.Failed(log, ehr.Name, failure.GetType().Name, tries + 1, failure.StackTrace);
            await GiveBackAsync(claimed, time.Again(tries, null));
            return tries + 1;
        }
    }

    /// <summary>Due again then, from the same cursor. Where that cannot be written, and where the lease is lost, the lease decides.</summary>
    private async Task GiveBackAsync(ClaimedSweep claimed, DateTimeOffset dueAt)
    {
        try
        {
            await notices.DeferSweepAsync(claimed, dueAt, CancellationToken.None);
        }
        catch (LedgerUnavailableException gone)
        {
            Log.NotGivenBack(log, claimed.Ehr, gone.Code);
        }
    }

    private async Task StoreAsync(ClaimedSweep claimed, IReadOnlyList<SweptOrder> page, CancellationToken cancellationToken)
    {
        await notices.RecordSweepPageAsync(claimed, page, cancellationToken);
        FaultPoint.Hit("K03", claimed.Ehr);
    }

    /// <summary>A revocation must be heard even where the order no longer matches the criteria. Only an order that changed, or of which the EHR tells no version, is read by itself.</summary>
    private async Task RereadOpenAsync(EhrOptions ehr, CancellationToken cancellationToken)
    {
        var open = await book.OpenOrdersAsync(ehr.Name, cancellationToken);
        if (open.Length > 0)
        {
            var told = await versions.AskAsync(ehr.Name, open, cancellationToken);
            await notices.RecordAsync([.. told.Select(order => new NoticeHint(ehr.Name, order.OrderId, order.Version, NoticeSource.Reread))], cancellationToken);
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
        [LoggerMessage(8601, LogLevel.Debug, "Swept {Ehr}: orders seen {Orders}")]
        public static partial void Swept(ILogger log, string ehr, int orders);

        [LoggerMessage(8602, LogLevel.Warning, "The sweep of {Ehr} did not succeed ({Code}, try {Try}); later again from the same cursor")]
        public static partial void Deferred(ILogger log, string ehr, string code, int @try);

        [LoggerMessage(8603, LogLevel.Error, "The sweep of {Ehr} failed with {ExceptionType} (try {Try}); later again from the same cursor.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string ehr, string exceptionType, int @try, string? stackTrace);

        [LoggerMessage(8606, LogLevel.Warning, "The sweep of {Ehr} met entries that may be orders and have no id to ask for (entry-nameless): {Entries}; each was left out. Have them mended there")]
        public static partial void Nameless(ILogger log, string ehr, int entries);

        [LoggerMessage(8604, LogLevel.Warning, "The sweep of {Ehr} could not be given back ({Code}); it is taken up again when its lease runs out")]
        public static partial void NotGivenBack(ILogger log, string ehr, string code);

        [LoggerMessage(8605, LogLevel.Error, "The sweep of {Ehr} cannot be looked for: {ExceptionType}; tried again.\n{StackTrace}")]
        public static partial void NotClaimed(ILogger log, string ehr, string exceptionType, string? stackTrace);
    }
}
