using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;

namespace ReferralService.Flow;

/// <summary>Looks into notices: reads the order, evaluates the criteria, creates or joins its referrals.</summary>
internal sealed partial class NoticeRunner(
    NoticeBook notices, ReferralBook book, OrderReader orders, EhrRegistry ehrs, OrderCriteriaBook criteria, WorkSignal signal, FlowOptions options, StepTime time, ILogger<NoticeRunner> log)
    : BackgroundService
{
    /// <summary>A new order may not be visible yet where it is read: 404 is no answer before this.</summary>
    private static readonly TimeSpan VisibleWithin = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signal.Next;
            try
            {
                var claimed = await notices.ClaimAsync(options.PerEhr, options.Lease, [], stoppingToken);
                await Task.WhenAll(claimed.Select(notice => LookIntoAsync(notice, stoppingToken)));
                if (claimed.Count == 0)
                {
                    await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
                }
            }
            catch (LedgerUnavailableException gone)
            {
                Log.LedgerUnavailable(log, gone.Code);
                await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }
    }

    private async Task LookIntoAsync(ClaimedNotice notice, CancellationToken cancellationToken)
    {
        if (ehrs.Find(notice.Ehr) is not { } ehr)
        {
            await notices.CloseAsync(notice, "ignored", ReasonCodes.EhrUnknown, notice.Version, cancellationToken);
            return;
        }

        switch (await ReadAsync(notice, cancellationToken))
        {
            case OrderReading.Found { Order: var order } when OrderCriteria.IsRevoked(order.View):
                await book.DecideAsync(new DecisionScope.Order(notice.Ehr, notice.OrderId), all => JoinRules.Revoked(all, time.Now), cancellationToken);
                await notices.CloseAsync(notice, "ignored", "revoked", order.Version, cancellationToken);
                break;
            case OrderReading.Found { Order: var order } when (OrderCriteria.WhyNotActionable(order.View) ?? criteria.For(notice.Ehr).WhyNot(order.View)) is { } why:
                Log.Ignored(log, notice.Ehr, why);
                await notices.CloseAsync(notice, "ignored", why, order.Version, cancellationToken);
                break;
            case OrderReading.Found { Order: var order }:
                var outcome = await book.DecideAsync(
                    new DecisionScope.Order(notice.Ehr, notice.OrderId),
                    all => JoinRules.Notice(all, ehr.BaseUrl, notice.Ehr, notice.OrderId, order.Version, notice.TraceParent, time.Now),
                    cancellationToken);
                await notices.CloseAsync(notice, outcome, null, order.Version, cancellationToken);
                break;
            case OrderReading.NotFound when time.Now - notice.FirstSeenAt < VisibleWithin:
                await DeferAsync(notice, ReasonCodes.OrderNotFound, null, cancellationToken);
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

    private async Task<OrderReading> ReadAsync(ClaimedNotice notice, CancellationToken cancellationToken)
    {
        try
        {
            return await orders.ReadAsync(notice.Ehr, notice.OrderId, cancellationToken);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or LedgerUnavailableException))
        {
            Log.Failed(log, notice.Ehr, failure.GetType().Name, failure.StackTrace);
            return new OrderReading.Unreadable(ReasonCodes.InternalError, null, NeedsPerson: false);
        }
    }

    private Task DeferAsync(ClaimedNotice notice, string code, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        Log.Deferred(log, notice.Ehr, code, notice.Tries);
        return notices.DeferAsync(notice, time.Now + Backoff.Delay(notice.Tries, time.Jitter(), retryAfter), code, cancellationToken);
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
    }
}
