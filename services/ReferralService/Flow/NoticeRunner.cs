using System.Collections.Concurrent;
using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Flow;

/// <summary>Looks into notices: reads the order, evaluates the criteria, creates or joins its referrals.</summary>
internal sealed partial class NoticeRunner(
    NoticeBook notices, ReferralBook book, OrderReader orders, EhrRegistry ehrs, OrderCriteriaBook criteria, PartnerPauses pauses, WorkSignals work, FlowOptions options, StepTime time,
    IHostApplicationLifetime lifetime, ILogger<NoticeRunner> log)
    : BackgroundService
{
    /// <summary>A new order may not be visible yet where it is read: 404 is no answer before this.</summary>
    private static readonly TimeSpan VisibleWithin = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ClaimedNotice, Task> _underWay = new();
    private readonly WorkSignal _freed = new();
    private bool _ledgerAwaySaid;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await RunAsync(stop.Token);
        await Task.WhenAll(_underWay.Values);
    }

    /// <summary>An EHR that hangs fills its own places and keeps no other EHR's notices waiting.</summary>
    private async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = Task.WhenAny(work.Notices.Next, _freed.Next);
            try
            {
                var claimed = await notices.ClaimAsync(options.PerEhr, options.Lease, await ShutEhrsAsync(stoppingToken), stoppingToken);
                _ledgerAwaySaid = false;
                foreach (var notice in claimed)
                {
                    _underWay[notice] = HandleAsync(notice, stoppingToken);
                }

                if (claimed.Count == 0)
                {
                    await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (LedgerUnavailableException gone)
            {
                SayLedgerAway(gone);
                await Task.Delay(options.LookEvery, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception failure)
            {
                Log.LoopFailed(log, failure.GetType().Name, failure.StackTrace);
                await Task.Delay(PauseAfterFault, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>EHRs without a free place, and those that are paused.</summary>
    private async Task<IReadOnlyCollection<string>> ShutEhrsAsync(CancellationToken cancellationToken)
    {
        var full = _underWay.Keys.GroupBy(notice => notice.Ehr).Where(ehr => ehr.Count() >= options.PerEhr).Select(ehr => ehr.Key);
        var paused = await pauses.AllAsync(cancellationToken);
        return [.. full.Concat(ehrs.All.Select(ehr => ehr.Name).Where(name => paused.ContainsKey($"ehr:{name}")))];
    }

    /// <summary>Never throws: a notice that cannot be looked into concerns itself alone.</summary>
    private async Task HandleAsync(ClaimedNotice notice, CancellationToken stoppingToken)
    {
        // The caller notes it as under way first.
        await Task.Yield();
        var began = time.Clock.GetTimestamp();
        using var step = Spans.Step("notice", notice.TraceParent);
        step.SetTag("referral.ehr", notice.Ehr);
        try
        {
            try
            {
                await LookIntoAsync(notice, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Given back, so that nobody has to wait for the lease.
                await notices.DeferAsync(notice, time.Now, ReasonCodes.Draining, CancellationToken.None);
            }
            catch (Exception failure) when (failure is not LedgerUnavailableException)
            {
                Log.Failed(log, notice.Ehr, failure.GetType().Name, failure.StackTrace);
                await DeferAsync(notice, ReasonCodes.InternalError, null, CancellationToken.None);
            }
        }
        catch (LedgerUnavailableException gone)
        {
            // The lease runs out, and it is looked into again.
            SayLedgerAway(gone);
        }
        catch (Exception failure)
        {
            Log.Failed(log, notice.Ehr, failure.GetType().Name, failure.StackTrace);
        }
        finally
        {
            Measures.Stepped("notice", Spans.Outcome(step) ?? "left", time.Clock.GetElapsedTime(began));
            _underWay.TryRemove(notice, out _);
            _freed.Set();
        }
    }

    private void SayLedgerAway(LedgerUnavailableException gone)
    {
        if (!_ledgerAwaySaid)
        {
            Log.LedgerUnavailable(log, gone.Code);
            _ledgerAwaySaid = true;
        }
    }

    private async Task LookIntoAsync(ClaimedNotice notice, CancellationToken cancellationToken)
    {
        if (ehrs.Find(notice.Ehr) is not { } ehr)
        {
            await notices.CloseAsync(notice, "ignored", ReasonCodes.EhrUnknown, notice.Version, cancellationToken);
            return;
        }

        switch (await orders.ReadAsync(notice.Ehr, notice.OrderId, cancellationToken))
        {
            case OrderReading.Found { Order: var order } when OrderCriteria.IsRevoked(order.View):
                await book.DecideAsync(new DecisionScope.Order(notice.Ehr, notice.OrderId), all => JoinRules.Revoked(all, time.Now), cancellationToken);
                await notices.CloseAsync(notice, "ignored", "revoked", order.Version, cancellationToken);
                break;
            case OrderReading.Found { Order: var order } when OrderCriteria.WhyNotActionable(order.View) is { } why:
                await IgnoreAsync(notice, why, order.Version, cancellationToken);
                break;
            case OrderReading.Found { Order: var order } when criteria.For(notice.Ehr).WhyNot(order.View) is { } why:
                if (await book.DecideAsync(new DecisionScope.Order(notice.Ehr, notice.OrderId), all => JoinRules.NoticeUnmatched(all, order.Version, time.Now), cancellationToken))
                {
                    await notices.CloseAsync(notice, "joined", why, order.Version, cancellationToken);
                    break;
                }

                await IgnoreAsync(notice, why, order.Version, cancellationToken);
                break;
            case OrderReading.Found { Order: var order }:
                // Not asked for in the decision: the ledger's writer makes that, in nobody's trace.
                var trace = notice.TraceParent ?? Spans.Parent;
                var outcome = await book.DecideAsync(
                    new DecisionScope.Order(notice.Ehr, notice.OrderId),
                    all => JoinRules.Notice(all, ehr.BaseUrl, notice.Ehr, notice.OrderId, order.Version, trace, time.Now),
                    cancellationToken);
                Spans.Ended(outcome);
                await notices.CloseAsync(notice, outcome, null, order.Version, cancellationToken);
                break;
            case OrderReading.NotFound when time.Now - notice.FirstSeenAt < VisibleWithin:
                Log.Deferred(log, notice.Ehr, ReasonCodes.OrderNotFound, notice.Tries);
                var later = time.Now + Backoff.UntilVisible(time.Now - notice.FirstSeenAt, VisibleWithin, time.Jitter());
                await notices.DeferAsync(notice, later, ReasonCodes.OrderNotFound, cancellationToken);
                break;
            case OrderReading.NotFound:
                await notices.CloseAsync(notice, "ignored", ReasonCodes.OrderNotFound, notice.Version, cancellationToken);
                break;
            case OrderReading.Gone:
                await book.DecideAsync(new DecisionScope.Order(notice.Ehr, notice.OrderId), all => JoinRules.Revoked(all, time.Now), cancellationToken);
                await notices.CloseAsync(notice, "ignored", ReasonCodes.OrderGone, notice.Version, cancellationToken);
                break;
            case OrderReading.Unreadable unreadable:
                // Kept for as long as it takes: a notice is all that is known of a referral that may have to be.
                await DeferAsync(notice, unreadable.Code, unreadable.RetryAfter, cancellationToken);
                break;
        }
    }

    private Task IgnoreAsync(ClaimedNotice notice, string why, string? version, CancellationToken cancellationToken)
    {
        Spans.Ended("ignored");
        Log.Ignored(log, notice.Ehr, why);
        return notices.CloseAsync(notice, "ignored", why, version, cancellationToken);
    }

    private Task DeferAsync(ClaimedNotice notice, string code, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        Spans.Ended("deferred");
        Log.Deferred(log, notice.Ehr, code, notice.Tries);
        return notices.DeferAsync(notice, time.Again(notice.Tries, retryAfter), code, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(8501, LogLevel.Information, "A notice of {Ehr} was ignored: {Reason}")]
        public static partial void Ignored(ILogger log, string ehr, string reason);

        [LoggerMessage(8502, LogLevel.Information, "A notice of {Ehr} could not be looked into ({Code}, try {Tries}); later again")]
        public static partial void Deferred(ILogger log, string ehr, string code, int tries);

        [LoggerMessage(8503, LogLevel.Error, "A notice of {Ehr} failed with {ExceptionType}; later again.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string ehr, string exceptionType, string? stackTrace);

        [LoggerMessage(8504, LogLevel.Warning, "The ledger is unavailable ({Code}); notices wait")]
        public static partial void LedgerUnavailable(ILogger log, string code);

        [LoggerMessage(8505, LogLevel.Error, "Notices cannot be claimed: {ExceptionType}; tried again.\n{StackTrace}")]
        public static partial void LoopFailed(ILogger log, string exceptionType, string? stackTrace);
    }
}
