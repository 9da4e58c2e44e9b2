using ReferralService.Ledger;

namespace ReferralService.Status;

/// <summary>Carries the outbox to the broker: at least once, of one referral in order, many referrals at a time.</summary>
/// <remarks>
/// A round claims referrals and sends the lowest unsent event of each; all of them are outstanding together. What is confirmed is forgotten in one
/// transaction, and only then can the next event of the same referral be claimed: so no event overtakes an earlier one, here or in another replica.
/// A process that dies between confirm and transaction leaves the claim to run out, and the event is sent again under the same id.
/// </remarks>
internal sealed partial class StatusRelay(
    StatusOutbox outbox, StatusBroker broker, BrokerStatus status, WorkSignal work, TimeProvider clock, ILogger<StatusRelay> logger) : BackgroundService
{
    /// <summary>Referrals in one round: enough to hide the broker's answer time, few enough for one transaction.</summary>
    private const int RoundSize = 128;

    /// <summary>After so many rounds in a row that the broker refused, the connection itself is suspected.</summary>
    private const int RefusalsBeforeRecycling = 3;

    /// <summary>Longer than a round can last: <see cref="StatusChannel.PublishCeiling"/> and two transactions.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Another replica's commit gives no signal here; it has a relay of its own, and this is for what it leaves behind.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);

    private bool _unroutedSaid;
    private bool _silenceSaid;
    private bool _ledgerAwaySaid;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        status.Now = BrokerState.Connecting;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var channel = await broker.ConnectAsync(stoppingToken);
                status.Now = BrokerState.Connected;
                await RelayAsync(channel, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Log.Unexpected(logger, e.GetType().Name);
                await PauseAsync(PauseAfterFailure, stoppingToken);
            }
            finally
            {
                status.Now = BrokerState.Down;
            }
        }
    }

    /// <summary>Returns when the channel is no longer to be trusted, or at the stop after the round under way.</summary>
    private async Task RelayAsync(StatusChannel channel, CancellationToken stoppingToken)
    {
        var refusals = 0;
        while (channel.IsOpen && !stoppingToken.IsCancellationRequested)
        {
            var next = work.Next;
            var claimed = await ClaimAsync(stoppingToken);
            if (claimed.Count == 0)
            {
                await WorkSignal.WaitAsync(next, LongestIdle, clock, stoppingToken);
                continue;
            }

            FaultPoint.Hit("K13", claimed[0].Referral.ToString());
            var fates = await Task.WhenAll(claimed.Select(waiting => channel.PublishAsync(StatusMessage.Of(waiting))));
            await SettleAsync(claimed, fates);
            if (fates.Contains(PublishFate.Unknown))
            {
                await AfterSilenceAsync(fates, stoppingToken);
                return;
            }

            _silenceSaid = false;
            refusals = fates.Contains(PublishFate.Refused) ? refusals + 1 : 0;
            if (refusals == RefusalsBeforeRecycling)
            {
                Log.Refused(logger, refusals);
                await PauseAsync(PauseAfterFailure, stoppingToken);
                return;
            }
        }
    }

    /// <summary>A broker that lets us in and then takes nothing (no permission to write, say) is not asked again at once, and is spoken of once.</summary>
    private async Task AfterSilenceAsync(PublishFate[] fates, CancellationToken stoppingToken)
    {
        if (!_silenceSaid)
        {
            Log.Recycled(logger, fates.Count(fate => fate == PublishFate.Unknown));
            _silenceSaid = true;
        }

        if (fates.All(fate => fate == PublishFate.Unknown))
        {
            status.Now = BrokerState.Down;
            await PauseAsync(PauseAfterFailure, stoppingToken);
        }
    }

    private async Task<IReadOnlyList<OutboxEvent>> ClaimAsync(CancellationToken stoppingToken)
    {
        try
        {
            var claimed = await outbox.ClaimAsync(RoundSize, Lease, stoppingToken);
            _ledgerAwaySaid = false;
            return claimed;
        }
        catch (LedgerUnavailableException e)
        {
            if (!_ledgerAwaySaid)
            {
                Log.LedgerAway(logger, e.Code);
                _ledgerAwaySaid = true;
            }

            await PauseAsync(PauseAfterFailure, stoppingToken);
            return [];
        }
    }

    /// <summary>Not to be cancelled: what the broker has is known now, and is cheap to write down.</summary>
    private async Task SettleAsync(IReadOnlyList<OutboxEvent> claimed, PublishFate[] fates)
    {
        var sent = new List<OutboxEvent>(claimed.Count);
        var again = new List<OutboxEvent>();
        for (var i = 0; i < fates.Length; i++)
        {
            (fates[i] is PublishFate.Confirmed or PublishFate.Unrouted ? sent : again).Add(claimed[i]);
        }

        if (!_unroutedSaid && fates.Contains(PublishFate.Unrouted))
        {
            Log.Unrouted(logger);
            _unroutedSaid = true;
        }

        try
        {
            if (sent.Count > 0)
            {
                FaultPoint.Hit("K15", sent[0].Referral.ToString());
                await outbox.ConfirmAsync(sent, CancellationToken.None);
            }

            if (again.Count > 0)
            {
                await outbox.ReleaseAsync(again, fates.Contains(PublishFate.Refused) ? PauseAfterRefusal : TimeSpan.Zero, CancellationToken.None);
            }
        }
        catch (LedgerUnavailableException e)
        {
            Log.NotSettled(logger, claimed.Count, e.Code);
        }
    }

    /// <summary>Ends early at the stop, without an exception: the loops look at the token themselves.</summary>
    private async Task PauseAsync(TimeSpan pause, CancellationToken stoppingToken)
        => await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static partial class Log
    {
        [LoggerMessage(7010, LogLevel.Warning, "{Count} status events had no answer from the broker; they are sent again under the same ids over a new connection")]
        public static partial void Recycled(ILogger logger, int count);

        [LoggerMessage(7011, LogLevel.Warning, "The broker refused status events {Rounds} times in a row; a new connection is tried")]
        public static partial void Refused(ILogger logger, int rounds);

        [LoggerMessage(7012, LogLevel.Warning, "Nobody listens to some status events: exchange referral.status has no queue bound for them (said once)")]
        public static partial void Unrouted(ILogger logger);

        [LoggerMessage(7013, LogLevel.Warning, "The outbox cannot be read: {Code}")]
        public static partial void LedgerAway(ILogger logger, string code);

        [LoggerMessage(7014, LogLevel.Warning, "{Count} status events were sent but not written down ({Code}); they will be sent again under the same ids")]
        public static partial void NotSettled(ILogger logger, int count, string code);

        [LoggerMessage(7015, LogLevel.Error, "The relay of status events failed ({Kind}) and begins again")]
        public static partial void Unexpected(ILogger logger, string kind);
    }
}
