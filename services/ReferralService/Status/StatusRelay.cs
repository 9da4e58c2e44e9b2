using ReferralService.Ledger;

namespace ReferralService.Status;

/// <summary>Carries the outbox to the broker: at least once, of one referral in order, many referrals at a time.</summary>
/// <remarks>
/// A round claims referrals and sends the lowest unsent event of each; all of them are outstanding together. What is confirmed is forgotten in one
/// transaction, and only then can the next event of the same referral be claimed: so no event overtakes an earlier one, here or in another replica.
/// A process that dies between confirm and transaction leaves the claim to run out, and the event is sent again under the same id.
/// </remarks>
internal sealed partial class StatusRelay(
    StatusOutbox outbox, StatusBroker broker, BrokerStatus status, BrokerTroubles troubles, WorkSignal work, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<StatusRelay> logger) : BackgroundService
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

    /// <summary>Of the last round that failed; stands until one succeeds, because to be let in is not to be taken from.</summary>
    private BrokerTrouble? _trouble;

    private bool _ledgerAwaySaid;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        status.Now = BrokerState.Connecting;
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var channel = await broker.ConnectAsync(Blocked, stoppingToken);
                status.Now = BrokerState.Connected;
                troubles.Tell(BrokerUse.Events, _trouble);
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
            if (channel.IsBlocked)
            {
                await channel.UnblockedAsync(stoppingToken);
                continue;
            }

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
                await AfterSilenceAsync(channel, fates, stoppingToken);
                return;
            }

            refusals = fates.Contains(PublishFate.Refused) ? refusals + 1 : 0;
            if (refusals == RefusalsBeforeRecycling)
            {
                Say(BrokerTrouble.Refusing, claimed.Count);
                await PauseAsync(PauseAfterFailure, stoppingToken);
                return;
            }

            if (refusals == 0)
            {
                Say(null, 0);
            }
        }
    }

    /// <summary>A broker that lets us in and then takes nothing (no permission to write, say) is not asked again at once, and is spoken of once.</summary>
    private async Task AfterSilenceAsync(StatusChannel channel, PublishFate[] fates, CancellationToken stoppingToken)
    {
        if (channel.IsBlocked)
        {
            // It has them and will take them when its alarm ends; another connection would fare no better, and they are sent again all the same.
            await channel.UnblockedAsync(stoppingToken);
            return;
        }

        Say(channel.Trouble ?? BrokerTrouble.Silent, fates.Count(fate => fate == PublishFate.Unknown));
        if (fates.All(fate => fate == PublishFate.Unknown))
        {
            status.Now = BrokerState.Down;
            await PauseAsync(PauseAfterFailure, stoppingToken);
        }
    }

    /// <summary>For health, and for the log when it is another trouble than the last.</summary>
    private void Say(BrokerTrouble? trouble, int events)
    {
        if (_trouble?.Code != trouble?.Code && trouble is not null)
        {
            Log.NotTaken(logger, events, trouble.Code, trouble.Fix);
        }

        _trouble = trouble;
        troubles.Tell(BrokerUse.Events, trouble);
    }

    private void Blocked(bool blocked)
    {
        status.Now = blocked ? BrokerState.Blocked : BrokerState.Connected;
        if (troubles.Tell(BrokerUse.Events, blocked ? BrokerTrouble.Blocked : _trouble))
        {
            if (blocked)
            {
                Log.Blocked(logger, BrokerTrouble.Blocked.Fix);
            }
            else
            {
                Log.Unblocked(logger);
            }
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
        [LoggerMessage(7010, LogLevel.Warning, "Status events that the broker did not take: {Count} ({Code}); they are sent again under the same ids over a new connection. {Fix}")]
        public static partial void NotTaken(ILogger logger, int count, string code, string fix);

        [LoggerMessage(7016, LogLevel.Warning, "The broker is blocked; status events wait in the outbox, everything else goes on: {Fix}")]
        public static partial void Blocked(ILogger logger, string fix);

        [LoggerMessage(7017, LogLevel.Information, "The broker is no longer blocked")]
        public static partial void Unblocked(ILogger logger);

        [LoggerMessage(7012, LogLevel.Warning, "Nobody listens to some status events: exchange referral.status has no queue bound for them; they are kept in queue referral.status.audit, the newest of them (said once)")]
        public static partial void Unrouted(ILogger logger);

        [LoggerMessage(7013, LogLevel.Warning, "The outbox cannot be read: {Code}")]
        public static partial void LedgerAway(ILogger logger, string code);

        [LoggerMessage(7014, LogLevel.Warning, "Status events that were sent but not written down: {Count} ({Code}); they will be sent again under the same ids")]
        public static partial void NotSettled(ILogger logger, int count, string code);

        [LoggerMessage(7015, LogLevel.Error, "The relay of status events failed ({Kind}) and begins again")]
        public static partial void Unexpected(ILogger logger, string kind);
    }
}
