namespace ReferralService.Status;

internal enum BrokerState
{
    NotUsed,
    Connecting,
    Connected,

    /// <summary>It has an alarm (memory, disk) and takes no messages; events wait in the outbox.</summary>
    Blocked,
    Down,
}

/// <summary>Whether events reach the broker, as the relay sees it; read by health.</summary>
internal sealed class BrokerStatus
{
    private volatile BrokerState _now = BrokerState.NotUsed;

    public BrokerState Now
    {
        get => _now;
        set => _now = value;
    }
}
