namespace ReferralService.Sandbox.Ehr;

/// <summary>A Subscription as it is served: what it asks for and how far it has come. Its events are counted whether they are told or not.</summary>
internal sealed class LiveSubscription(string id, Subscription asked) : IDisposable
{
    private const int Window = 1000;
    private readonly Lock _gate = new();
    private readonly List<TopicEvent> _events = [];
    private ITimer? _heartbeats;

    public string Id { get; } = id;

    public Subscription Asked { get; } = asked;

    /// <summary>requested, active, error or off.</summary>
    public string Status { get; set; } = "requested";

    public long Total { get; private set; }

    public TopicEvent Count(string focus, DateTimeOffset at)
    {
        lock (_gate)
        {
            var happened = new TopicEvent(++Total, at, focus);
            _events.Add(happened);
            if (_events.Count > Window) _events.RemoveAt(0);
            return happened;
        }
    }

    /// <summary>As a server that keeps its count in memory and is started anew.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            Total = 0;
            _events.Clear();
        }
    }

    /// <summary>Goes on from where another, replaced by this one, was.</summary>
    public void Inherit(LiveSubscription before)
    {
        lock (_gate)
        {
            Total = before.Total;
            _events.AddRange(before._events);
        }
    }

    public IReadOnlyList<TopicEvent> Between(long since, long until)
    {
        lock (_gate) return [.. _events.Where(e => e.Number >= since && e.Number <= until)];
    }

    public void Beat(TimeProvider clock, Action beat)
    {
        if (Asked.Heartbeat is { } period) _heartbeats = clock.CreateTimer(_ => beat(), null, period, period);
    }

    public void Dispose() => _heartbeats?.Dispose();
}
