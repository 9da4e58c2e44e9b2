namespace ReferralService.Status;

/// <summary>How the relay stands with the broker: for health, and for the log when it changes. Told by the relay and, of alarms, by the client's own threads.</summary>
internal sealed partial class BrokerStanding(BrokerStatus status, BrokerTroubles troubles, ILogger logger)
{
    private readonly Lock _lock = new();

    /// <summary>Of the last round that failed; stands until one succeeds, because to be let in is not to be taken from.</summary>
    private BrokerTrouble? _trouble;

    /// <summary>Stands beyond its connection: RabbitMQ tells of an alarm only who publishes, so that a new connection hears of none is no sign that it is over.</summary>
    private bool _alarm;

    public void Connecting() => status.Now = BrokerState.Connecting;

    public void Connected()
    {
        lock (_lock)
        {
            Show(_alarm);
        }
    }

    public void Down() => status.Now = BrokerState.Down;

    /// <summary>The broker's word, at the begin and at the end of an alarm.</summary>
    public void Blocked(bool blocked)
    {
        lock (_lock)
        {
            Show(blocked);
        }
    }

    /// <summary>A round was settled: what kept the last one back is over.</summary>
    /// <param name="blocked">Whether the broker has said since that an alarm began.</param>
    public void Taken(Func<bool> blocked)
    {
        lock (_lock)
        {
            _trouble = null;
            Show(blocked());
        }
    }

    /// <summary>A round failed, and the broker said nothing of an alarm.</summary>
    public void NotTaken(BrokerTrouble trouble, int events)
    {
        lock (_lock)
        {
            if (_trouble?.Code != trouble.Code)
            {
                Log.NotTaken(logger, events, trouble.Code, trouble.Fix);
            }

            (_trouble, _alarm) = (trouble, false);
            troubles.Tell(BrokerUse.Events, trouble);
        }
    }

    private void Show(bool alarm)
    {
        var ended = _alarm && !alarm;
        _alarm = alarm;
        status.Now = alarm ? BrokerState.Blocked : BrokerState.Connected;
        // No news over a connection that was lost and made anew; news when something else stood between, and was said to be over.
        if (troubles.Tell(BrokerUse.Events, alarm ? BrokerTrouble.Blocked : _trouble) && alarm)
        {
            Log.Blocked(logger, BrokerTrouble.Blocked.Fix);
        }

        if (ended)
        {
            Log.Unblocked(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7010, LogLevel.Warning, "Status events that the broker did not take: {Count} ({Code}); they are sent again under the same ids over a new connection. {Fix}")]
        public static partial void NotTaken(ILogger logger, int count, string code, string fix);

        [LoggerMessage(7016, LogLevel.Warning, "The broker is blocked; status events wait in the outbox, everything else goes on: {Fix}")]
        public static partial void Blocked(ILogger logger, string fix);

        [LoggerMessage(7017, LogLevel.Information, "The broker is no longer blocked")]
        public static partial void Unblocked(ILogger logger);
    }
}
