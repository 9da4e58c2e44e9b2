using System.Collections.Immutable;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Ops.Bulk;

/// <summary>Works on acts on many, in any replica: one act at a time in each, each item in a transaction of its own. What a dead replica left goes on here when its lease runs out.</summary>
/// <remarks>It only makes referrals due: how many are sent at once to a recipient is the dispatcher's business. Its pace leaves the ledger to the others.</remarks>
internal sealed partial class BulkRunner(BulkBook bulks, ReferralBook book, BulkRules rules, TimeProvider time, ILogger<BulkRunner> log) : BackgroundService
{
    private const int BatchItems = 50;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly WorkSignal _wake = new();

    /// <summary>An act was begun in this process; others look by themselves.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Does the next items of a claimed act.</summary>
    /// <returns>Whether there may be more to do under this claim.</returns>
    public async Task<bool> RunBatchAsync(BulkAction claimed, int most, CancellationToken cancellationToken)
    {
        if (!await bulks.RenewAsync(claimed, Lease, cancellationToken))
        {
            return false;
        }

        var items = await bulks.OpenItemsAsync(claimed.Id, most, cancellationToken);
        foreach (var item in items)
        {
            if (!await DoAsync(claimed, item, cancellationToken))
            {
                return false;
            }
        }

        if (items.Length < most)
        {
            await bulks.FinishAsync(claimed, cancellationToken);
            return false;
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = _wake.Next;
            try
            {
                while (await bulks.ClaimAsync(Lease, stoppingToken) is { } claimed)
                {
                    Log.Works(log, claimed.Id, claimed.Action);
                    while (await RunBatchAsync(claimed, BatchItems, stoppingToken))
                    {
                        await Task.Delay(Pace, time, stoppingToken);
                    }
                }
            }
            catch (LedgerUnavailableException exception)
            {
                Log.Put(log, exception.Code);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(log, exception.GetType().Name, exception.StackTrace);
            }

            await WorkSignal.WaitAsync(next, LookEvery, time, stoppingToken);
        }
    }

    /// <returns>False: the claim is lost, or the act was called off.</returns>
    private async Task<bool> DoAsync(BulkAction claimed, BulkItem item, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var plan = rules.PlanOf(claimed, item.Referral, now);
        var act = new OperatorAction
        {
            Id = Guid.CreateVersion7(now), At = now, Actor = claimed.Actor, Role = claimed.Role, Action = claimed.Action, Referral = item.Referral, Bulk = claimed.Id,
        };
        var turn = new BulkTurn(claimed.Id, item.Position, claimed.Fence);
        bool done;
        try
        {
            done = await book.DecideItemAsync(turn, plan.Scope, Decide, cancellationToken);
        }
        catch (Exception exception) when (exception is not (LedgerUnavailableException or OperationCanceledException))
        {
            // One that cannot be read or decided must not keep the others from their turn.
            Log.Failed(log, exception.GetType().Name, exception.StackTrace);
            done = await book.LeaveItemAsync(turn, act with { Outcome = ReasonCodes.InternalError }, cancellationToken);
        }

        if (done)
        {
            return true;
        }

        // Its turn may have been taken by a try of ours whose answer was lost.
        return await bulks.RenewAsync(claimed, Lease, cancellationToken);

        Decision<OperatorAction> Decide(ImmutableArray<Referral> rows)
        {
            var decision = plan.Decide(rows);
            var outcome = BulkRules.OutcomeOf(decision, rows.FirstOrDefault(row => row.Id == item.Referral));
            return new(act with { Outcome = outcome }, decision.Created, decision.Changed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9301, LogLevel.Information, "Works on bulk action {Bulk} ({Action})")]
        public static partial void Works(ILogger logger, Guid bulk, string action);

        [LoggerMessage(9302, LogLevel.Warning, "Bulk actions wait ({Code}); they go on when the ledger answers")]
        public static partial void Put(ILogger logger, string code);

        [LoggerMessage(9303, LogLevel.Error, "Bulk work failed with {ExceptionType}; what is left of it is tried again.\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string exceptionType, string? stackTrace);
    }
}
