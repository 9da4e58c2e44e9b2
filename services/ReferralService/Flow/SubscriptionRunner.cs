using ReferralService.Contracts;
using ReferralService.Gathering.Subscriptions;
using ReferralService.Intake;
using ReferralService.Ledger;

namespace ReferralService.Flow;

/// <summary>Keeps the subscription at each EHR that has <c>Subscribe</c>, and asks for the events whose hooks were lost. One replica at a time for each EHR.</summary>
internal sealed partial class SubscriptionRunner(
    SubscriptionBook book, NoticeBook notices, SubscriptionKeeping keeping, MissedEvents missed, EhrRegistry ehrs, PartnerPauses pauses, WorkSignals work, FlowOptions options, StepTime time,
    IHostApplicationLifetime lifetime, ILogger<SubscriptionRunner> log) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await OpenAsync(stop.Token);
            await Task.WhenAll(ehrs.All.Where(ehr => ehr.Subscribe != SubscribeMode.Off).Select(ehr => WatchAsync(ehr, stop.Token)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                foreach (var left in (await book.AllAsync(cancellationToken)).Where(s => ehrs.Find(s.Ehr) is not { Subscribe: not SubscribeMode.Off } && s.ResourceId is not null))
                {
                    Log.Left(log, left.Ehr, SubscriptionPlan.Life.Days);
                }

                foreach (var ehr in ehrs.All.Where(ehr => ehr.Subscribe != SubscribeMode.Off))
                {
                    await book.OpenAsync(ehr.Name, ehr.Subscribe.ToString(), cancellationToken);
                    // Hooks that came while no process ran are lost, and those without numbers leave no gap to be seen.
                    await notices.RecordSweepDueAsync(ehr.Name, cancellationToken);
                }

                return;
            }
            catch (LedgerUnavailableException)
            {
                await Task.Delay(options.LookEvery, time.Clock, cancellationToken);
            }
        }
    }

    private async Task WatchAsync(EhrOptions ehr, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = work.Subscriptions.Next;
            try
            {
                if (!(await pauses.AllAsync(stoppingToken)).ContainsKey($"ehr:{ehr.Name}")
                    && await book.ClaimAsync(ehr.Name, options.Lease, GapPatience(ehr), stoppingToken) is { } claimed) await LookAsync(ehr, claimed, stoppingToken);
                else await WorkSignal.WaitAsync(next, options.LookEvery, time.Clock, stoppingToken);
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
                Log.Failed(log, ehr.Name, failure.GetType().Name, failure.StackTrace);
                await Task.Delay(PauseAfterFault, time.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TimeSpan GapPatience(EhrOptions ehr) => ehr.Heartbeat < SubscriptionBook.GapPatience ? ehr.Heartbeat : SubscriptionBook.GapPatience;

    private async Task LookAsync(EhrOptions ehr, KeptSubscription kept, CancellationToken stoppingToken)
    {
        await using var lease = new LeaseKeeper(token => book.RenewAsync(kept, options.Lease, token), options.Lease, time.Clock, log, stoppingToken);
        try
        {
            if (kept.Count is { GapAt: { } since, Seen: { } seen, Told: { } told } && since <= time.Now - GapPatience(ehr)) await FillAsync(ehr, kept, seen + 1, told, lease.Token);
            var found = await keeping.CheckAsync(ehr, kept, time.Now, id => book.BeginAsync(kept, id, lease.Token), lease.Token);
            await WriteDownAsync(ehr, kept, found, lease.Token);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Given back, so that nobody has to wait for the lease.
            await PutOffAsync(kept, time.Now, failed: false);
            throw;
        }
        catch (Exception failure)
        {
            var code = failure is LedgerUnavailableException gone ? gone.Code : lease.Token.IsCancellationRequested && failure is OperationCanceledException ? ReasonCodes.LeaseLost : null;
            if (code is null) Log.Failed(log, ehr.Name, failure.GetType().Name, failure.StackTrace);
            else Log.NotLookedAt(log, ehr.Name, code);
            await PutOffAsync(kept, time.Again(kept.Tries, null), failed: true);
        }
    }

    /// <summary>Where that cannot be written, and where the lease is lost, the lease decides.</summary>
    private async Task PutOffAsync(KeptSubscription kept, DateTimeOffset dueAt, bool failed)
    {
        try
        {
            await book.PutOffAsync(kept, dueAt, failed, CancellationToken.None);
        }
        catch (LedgerUnavailableException gone)
        {
            Log.NotLookedAt(log, kept.Ehr, gone.Code);
        }
    }

    private async Task FillAsync(EhrOptions ehr, KeptSubscription kept, long from, long until, CancellationToken cancellationToken)
    {
        var (orders, complete) = kept.ResourceId is { } id ? await missed.AskAsync(ehr.Name, id, from, until, cancellationToken) : ([], false);
        Log.Gap(log, ehr.Name, until - from + 1, complete ? "asked for" : "left to a sweep");
        await book.FillAsync(kept, until, [.. orders.Select(order => new NoticeHint(ehr.Name, order.Id, order.Version, NoticeSource.Topic))], askSweep: !complete, cancellationToken);
    }

    private async Task WriteDownAsync(EhrOptions ehr, KeptSubscription kept, SubscriptionFinding found, CancellationToken cancellationToken)
    {
        var code = found.Code ?? StillSilent(kept);
        bool written = found.Act != SubscriptionAct.None;
        Tell(ehr, kept, found, code);
        await book.KeepAsync(
            kept,
            new SubscriptionCheck(
                found.ResourceId, found.Status, code, found.Works ? 0 : kept.Tries + 1,
                found.Works ? NextLook(ehr, kept) : time.Again(kept.Tries, found.RetryAfter),
                // One that was found, not made, is waited for from now on.
                BegunAt: written || (kept.SignAt is null && found.ResourceId is not null) ? time.Now : null,
                // While it was not there, or was written anew, hooks were lost.
                AskSweep: written),
            cancellationToken);
    }

    /// <summary>Once silent, it is only believed again when it is heard.</summary>
    private static string? StillSilent(KeptSubscription kept)
        => kept.Code == ReasonCodes.SubscriptionSilent && (kept.HeardAt is null || kept.HeardAt < kept.BegunAt) ? kept.Code : null;

    private DateTimeOffset NextLook(EhrOptions ehr, KeptSubscription kept)
    {
        var next = time.Now + ehr.Heartbeat;
        return ehr.Subscribe == SubscribeMode.Topic && kept.SignAt + 2 * ehr.Heartbeat is { } silentAt && silentAt > time.Now && silentAt < next ? silentAt : next;
    }

    private void Tell(EhrOptions ehr, KeptSubscription kept, SubscriptionFinding found, string? code)
    {
        if (found.Duplicates > 0) Log.Doubles(log, ehr.Name, found.Duplicates);
        if (found.Act != SubscriptionAct.None) Log.Wrote(log, ehr.Name, found.Act);
        if (code is not null && code != kept.Code) Log.DoesNotWork(log, ehr.Name, code);
        else if (found.Works && code is null && (kept.Tries > 0 || kept.Code is not null)) Log.Works(log, ehr.Name);
    }

    private static partial class Log
    {
        [LoggerMessage(8801, LogLevel.Warning, "The subscription at {Ehr} does not work ({Code}); it is mended by itself, meanwhile orders are found by polling")]
        public static partial void DoesNotWork(ILogger log, string ehr, string code);

        [LoggerMessage(8802, LogLevel.Information, "The subscription at {Ehr} is active")]
        public static partial void Works(ILogger log, string ehr);

        [LoggerMessage(8803, LogLevel.Information, "The subscription at {Ehr} was written: {Act}")]
        public static partial void Wrote(ILogger log, string ehr, SubscriptionAct act);

        [LoggerMessage(8804, LogLevel.Warning, "Further subscriptions of ours at {Ehr} were deleted: {Doubles}")]
        public static partial void Doubles(ILogger log, string ehr, int doubles);

        [LoggerMessage(8805, LogLevel.Information, "EHR {Ehr} is not subscribed to any more; the Subscription made before is left alone and ends by itself within {Days} days")]
        public static partial void Left(ILogger log, string ehr, int days);

        [LoggerMessage(8806, LogLevel.Warning, "Hooks of {Ehr} that never came: {Events}; their orders are {How}")]
        public static partial void Gap(ILogger log, string ehr, long events, string how);

        [LoggerMessage(8807, LogLevel.Error, "Keeping the subscription at {Ehr} failed with {ExceptionType}; later again.\n{StackTrace}")]
        public static partial void Failed(ILogger log, string ehr, string exceptionType, string? stackTrace);

        [LoggerMessage(8808, LogLevel.Warning, "The subscription at {Ehr} could not be looked at ({Code}); later again")]
        public static partial void NotLookedAt(ILogger log, string ehr, string code);
    }
}
