using ReferralService.Ledger;

namespace ReferralService.Status.Webhooks;

/// <summary>Carries one webhook's events to its receiver: at least once, of one referral in order, many referrals at a time.</summary>
/// <remarks>
/// As with the broker, an event is forgotten only after the receiver's 2xx, and only then can the next one of its referral be claimed, here or in
/// another replica. A process that dies between the two leaves the claim to run out, and the event is sent again under the same id.
/// </remarks>
internal sealed partial class WebhookLoop(WebhookOptions webhook, WebhookSender sender, WebhookBook book, WebhookStandings standings, WorkSignals work, TimeProvider clock, ILogger logger)
{
    /// <summary>Requests at once to one receiver.</summary>
    public const int AtOnce = 16;

    /// <summary>After being refused by itself for so long an event is no longer tried. A receiver that is away, or refuses all, wears nothing out.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    /// <summary>Longer than a round can last: <see cref="WebhookSender.Ceiling"/> and its transactions.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>Rounds in a row that the receiver took nothing of; as long as it is away one event is enough to find out.</summary>
    private int _away;

    /// <summary>Of these the last ones that it answered with 410.</summary>
    private int _gone;

    private bool _givenUp;

    /// <summary>Ends at the stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        standings.Tell(webhook.Name, null);
        var begun = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!begun)
                {
                    // A start is a person's word that something may have been mended.
                    await TakeUpAgainAsync(stopping);
                    begun = true;
                }

                var next = work.Events.Next;
                var claimed = await book.ClaimAsync(webhook.Name, _away == 0 ? AtOnce : 1, Lease, stopping);
                if (claimed.Count == 0)
                {
                    await WorkSignal.WaitAsync(next, LongestIdle, clock, stopping);
                    continue;
                }

                var answers = await Task.WhenAll(claimed.Select(told => TellAsync(told, stopping)));
                await JudgeAsync(claimed, answers, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (LedgerUnavailableException e)
            {
                Log.LedgerAway(logger, webhook.Name, e.Code);
                await PauseAsync(PauseAfterFailure, stopping);
            }
        }
    }

    private async Task TakeUpAgainAsync(CancellationToken stopping)
    {
        _givenUp = false;
        if (await book.TakeUpAgainAsync(webhook.Name, stopping) is > 0 and var count)
        {
            Log.TakenUp(logger, webhook.Name, count);
        }
    }

    private async Task<WebhookAnswer> TellAsync(WebhookEvent told, CancellationToken stopping)
    {
        WebhookAnswer answer;
        try
        {
            answer = await sender.SendAsync(told.Event, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It may have it; it is sent again under its id, and nobody has to wait for our lease.
            await book.HandBackAsync(webhook.Name, told, CancellationToken.None);
            throw;
        }

        // Not to be cancelled: what the receiver has is known now, and is cheap to write down.
        switch (answer)
        {
            case WebhookAnswer.Taken:
                await book.ConfirmAsync(webhook.Name, told, CancellationToken.None);
                break;
            case WebhookAnswer.NotTaken { Whole: false } not when told.RefusedSince is { } since && clock.GetUtcNow() - since >= Patience:
                if (await book.GiveUpAsync(webhook.Name, told, not.Trouble.Code, CancellationToken.None) == 0) break;
                _givenUp = true;
                Log.GivenUp(logger, webhook.Name, told.Event.Referral.Value, told.Event.Entry.Sequence!.Value, not.Trouble.Code);
                break;
            case WebhookAnswer.NotTaken not:
                await book.PutOffAsync(webhook.Name, told, not.Trouble.Code, refused: !not.Whole, Delay(told, not), CancellationToken.None);
                break;
        }

        return answer;
    }

    private static TimeSpan Delay(WebhookEvent told, WebhookAnswer.NotTaken not)
        => WebhookBackoff.Delay(told.Tries, told.Event.Entry.EventId!.Value, not.Whole ? LongestPause(not) : WebhookBackoff.Longest, not.After);

    private static TimeSpan LongestPause(WebhookAnswer.NotTaken not) => not.Trouble == WebhookTrouble.Gone ? WebhookBackoff.LongestGone : WebhookBackoff.LongestAway;

    /// <summary>What the round says of the receiver itself.</summary>
    private async Task JudgeAsync(IReadOnlyList<WebhookEvent> claimed, WebhookAnswer[] answers, CancellationToken stopping)
    {
        var missed = answers.OfType<WebhookAnswer.NotTaken>().Where(not => not.Whole).ToList();
        if (missed.Count < answers.Length)
        {
            if (_away > 0)
            {
                // What it missed need not wait out pauses that were for its absence; and it may be another build now than the one that refused some.
                await book.HastenAsync(webhook.Name, stopping);
                await TakeUpAgainAsync(stopping);
            }

            _away = _gone = 0;
            Show(_givenUp ? WebhookTrouble.Undelivered : null);
            return;
        }

        var asked = missed.Max(not => not.After);
        Show(missed[0].Trouble);
        _away++;
        _gone = missed[0].Trouble == WebhookTrouble.Gone ? _gone + 1 : 0;
        var pause = WebhookBackoff.Delay((_gone > 0 ? _gone : _away) - 1, claimed[0].Event.Entry.EventId!.Value, LongestPause(missed[0]), asked);
        await PauseAsync(pause, stopping);
    }

    private void Show(WebhookTrouble? trouble)
    {
        if (!standings.Tell(webhook.Name, trouble))
        {
            return;
        }

        if (trouble is null)
        {
            Log.Back(logger, webhook.Name);
        }
        else
        {
            Log.Away(logger, webhook.Name, trouble.Code, trouble.FixFor(webhook.Name));
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stopping)
        => await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static partial class Log
    {
        [LoggerMessage(7020, LogLevel.Warning, "Webhook {Webhook} is not told ({Code}); its events are kept and tried again. {Fix}")]
        public static partial void Away(ILogger logger, string webhook, string code, string fix);

        [LoggerMessage(7021, LogLevel.Information, "Webhook {Webhook} is told again")]
        public static partial void Back(ILogger logger, string webhook);

        [LoggerMessage(7022, LogLevel.Error, "Webhook {Webhook} has refused event {Sequence} of referral {Referral} for three days ({Code}); it is kept and tried once more at the next start or return of the receiver, and those behind it go on")]
        public static partial void GivenUp(ILogger logger, string webhook, Guid referral, int sequence, string code);

        [LoggerMessage(7023, LogLevel.Information, "Webhook {Webhook} is tried once more with events that had been given up: {Count}")]
        public static partial void TakenUp(ILogger logger, string webhook, int count);

        [LoggerMessage(7024, LogLevel.Warning, "The events of webhook {Webhook} cannot be read or noted: {Code}; they are sent again under the same ids")]
        public static partial void LedgerAway(ILogger logger, string webhook, string code);
    }
}
