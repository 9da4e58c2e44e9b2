using System.Diagnostics;
using ReferralService.Ledger;

namespace ReferralService.Status;

/// <summary>Carries the outbox to the broker: at least once, of one referral in order, many referrals at a time.</summary>
/// <remarks>
/// A round claims referrals and sends the lowest unsent event of each; all of them are outstanding together, and with them the round behind a full one,
/// so that the broker has work while a round is written down. What is confirmed is forgotten in one transaction, and only then can the next event of the
/// same referral be claimed: so no event overtakes an earlier one, here or in another replica.
/// A process that dies between confirm and transaction leaves the claim to run out, and the event is sent again under the same id.
/// </remarks>
internal sealed partial class StatusRelay(
    StatusOutbox outbox, StatusBroker broker, BrokerStatus status, BrokerTroubles troubles, WorkSignals work, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<StatusRelay> logger) : BackgroundService
{
    /// <summary>Referrals in one round: enough to hide the broker's answer time, few enough for one transaction. Two rounds are outstanding at most.</summary>
    private const int RoundSize = 64;

    /// <summary>After so many rounds in a row that the broker refused, the connection itself is suspected.</summary>
    private const int RefusalsBeforeRecycling = 3;

    /// <summary>Longer than a round and the one before it last, whose events are out together, unless the database, too, takes long for each of their transactions: then an event may go twice, under its own id.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Another replica's commit gives no signal here; it has a relay of its own, and this is for what it leaves behind.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);

    private readonly BrokerStanding _standing = new(status, troubles, logger);

    private bool _unroutedSaid;

    private bool _ledgerAwaySaid;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _standing.Connecting();
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                bool again;
                await using (var channel = await broker.ConnectAsync(_standing.Blocked, stoppingToken))
                {
                    _standing.Connected();
                    again = await RelayAsync(channel, stoppingToken);
                }

                if (!again)
                {
                    _standing.Down();
                    await PauseAsync(PauseAfterFailure, stoppingToken);
                }
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
                _standing.Down();
            }
        }
    }

    /// <summary>Returns when the channel is no longer to be trusted, or at the stop after the rounds under way.</summary>
    /// <returns>Whether the next may be opened at once: it moved events, or there was a pause. Else a broker (or what stands before it) that lets us in and cuts us off would be asked without a pause.</returns>
    private async Task<bool> RelayAsync(StatusChannel channel, CancellationToken stoppingToken)
    {
        var (refusals, moved) = (0, false);
        Round? under = null;
        try
        {
            while (under is not null || (channel.IsOpen && !stoppingToken.IsCancellationRequested))
            {
                if (under is null && channel.IsBlocked)
                {
                    await channel.UnblockedAsync(stoppingToken);
                    continue;
                }

                var next = work.Events.Next;
                var begun = under is null ? Begin(channel, await ClaimAsync(stoppingToken)) : await BeginBesideAsync(under, channel, stoppingToken);
                if ((under ?? begun) is not { } first)
                {
                    await WorkSignal.WaitAsync(next, LongestIdle, clock, stoppingToken);
                    continue;
                }

                if (under is null && first.IsFull)
                {
                    // More wait: they go out while the broker answers for these.
                    under = first;
                    continue;
                }

                // Whatever becomes of this round, the other one is ended as well.
                under = under is null ? null : begun;
                var fates = await EndAsync(first);
                if (fates.Contains(PublishFate.Unknown))
                {
                    fates = under is null ? fates : [.. fates, .. await EndAsync(under)];
                    under = null;
                    return await AfterSilenceAsync(channel, fates, stoppingToken) || moved;
                }

                refusals = fates.Contains(PublishFate.Refused) ? refusals + 1 : 0;
                if (refusals == RefusalsBeforeRecycling)
                {
                    _standing.NotTaken(BrokerTrouble.Refusing, fates.Length);
                    await PauseAsync(PauseAfterFailure, stoppingToken);
                    return true;
                }

                if (refusals == 0)
                {
                    moved = true;
                    _standing.Taken(() => channel.IsBlocked);
                }
            }
        }
        finally
        {
            if (under is not null)
            {
                await EndAsync(under);
            }
        }

        return moved;
    }

    /// <summary>Sends what was claimed.</summary>
    /// <returns>Null: nothing was.</returns>
    private static Round? Begin(StatusChannel channel, IReadOnlyList<OutboxEvent> claimed)
    {
        if (claimed.Count == 0) return null;
        FaultPoint.Hit("K13", claimed[0].Referral.ToString());
        return new Round(claimed, Task.WhenAll(claimed.Select(waiting => PublishAsync(channel, waiting))));
    }

    /// <summary>Behind a full round, which is under way: that more wait is likely. Not to be cancelled and not to be waited for should the ledger be away: there is a round to end.</summary>
    private async Task<Round?> BeginBesideAsync(Round under, StatusChannel channel, CancellationToken stoppingToken)
    {
        if (!under.IsFull || !channel.IsOpen || channel.IsBlocked || stoppingToken.IsCancellationRequested) return null;
        try
        {
            return Begin(channel, await outbox.ClaimAsync(RoundSize, Lease, CancellationToken.None));
        }
        catch (LedgerUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Waits for the broker's word on each and writes it down.</summary>
    private async Task<PublishFate[]> EndAsync(Round round)
    {
        var fates = await round.Publishing;
        await SettleAsync(round.Claimed, fates);
        return fates;
    }

    private static async Task<PublishFate> PublishAsync(StatusChannel channel, OutboxEvent waiting)
    {
        using var span = Spans.Source.HasListeners() ? Spans.Step("publish referral.status", waiting.TraceParent, ActivityKind.Producer) : null;
        var fate = await channel.PublishAsync(StatusMessage.Of(span is null ? waiting : waiting with { TraceParent = Spans.Parent }));
        Spans.Ended(NameOf(fate));
        Measures.PublishedEvent(NameOf(fate));
        return fate;
    }

    private static string NameOf(PublishFate fate) => fate switch
    {
        PublishFate.Confirmed => "confirmed",
        PublishFate.Unrouted => "unrouted",
        PublishFate.Refused => "refused",
        _ => "unknown",
    };

    /// <summary>A broker that lets us in and then takes nothing (no permission to write, say) is not asked again at once, and is spoken of once.</summary>
    /// <returns>Whether some were taken all the same, or there was a pause.</returns>
    private async Task<bool> AfterSilenceAsync(StatusChannel channel, PublishFate[] fates, CancellationToken stoppingToken)
    {
        if (channel.IsBlocked)
        {
            // It has them and will take them when its alarm ends; another connection would fare no better, and they are sent again all the same.
            await channel.UnblockedAsync(stoppingToken);
            return false;
        }

        _standing.NotTaken(channel.Trouble ?? BrokerTrouble.Silent, fates.Count(fate => fate == PublishFate.Unknown));
        if (fates.All(fate => fate == PublishFate.Unknown))
        {
            _standing.Down();
            await PauseAsync(PauseAfterFailure, stoppingToken);
        }

        return true;
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

    /// <param name="Publishing">Ends within <see cref="StatusChannel.PublishCeiling"/>, or twice that for what nobody was bound for.</param>
    private sealed record Round(IReadOnlyList<OutboxEvent> Claimed, Task<PublishFate[]> Publishing)
    {
        public bool IsFull => Claimed.Count == RoundSize;
    }

    private static partial class Log
    {
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
