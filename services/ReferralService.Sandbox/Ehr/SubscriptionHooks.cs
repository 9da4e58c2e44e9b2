using System.Collections.Concurrent;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Ehr;

/// <summary>Serves Subscriptions: takes them, notices what they asked for, and has it told.</summary>
internal sealed class SubscriptionHooks : IAsyncDisposable
{
    private readonly ResourceStore _store;
    private readonly IReadOnlyList<string> _topics;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, LiveSubscription> _live = new();
    private readonly HookSender _sender;
    private readonly Lock _gate = new();
    private readonly List<DueHook> _held = [];
    private readonly Random _chance = new(7);

    /// <param name="topics">Canonicals of the topics offered.</param>
    public SubscriptionHooks(ResourceStore store, TimeSpan retryDelay, IReadOnlyList<string> topics, TimeProvider clock)
    {
        (_store, _topics, _clock) = (store, topics, clock);
        _sender = new HookSender(retryDelay, clock, OnEnded);
        store.Written += OnWritten;
    }

    public NotificationLog Log => _sender.Log;

    public HookWeather Weather { get; set; } = HookWeather.Fair;

    /// <summary>Whether $events is there.</summary>
    public bool TellsEvents { get; set; } = true;

    /// <summary>Without trailing slash; known once the server listens.</summary>
    public string Base { get; set; } = "";

    /// <summary>Stores the Subscription and serves it from now on: a classic one is active at once, one on a topic when its handshake was answered.</summary>
    /// <exception cref="FhirRefusal">422 when it cannot be served.</exception>
    public StoredResource Subscribe(string? id, ReadOnlyMemory<byte> utf8)
    {
        var asked = Subscription.Read(utf8, _topics);
        var status = asked is null ? "off" : asked.Topic is null ? "active" : "requested";
        bool goesOn = id is not null && IsThere(id);
        var stored = _store.Write("Subscription", id, JsonSplice.WithMembers(utf8.Span, ("status", $"\"{status}\"")));
        var before = _live.GetValueOrDefault(stored.Id);
        before?.Dispose();
        if (asked is null)
        {
            _live.TryRemove(stored.Id, out _);
            return stored;
        }

        var live = new LiveSubscription(stored.Id, asked) { Status = status };
        if (goesOn && before is not null) live.Inherit(before);
        _live[stored.Id] = live;
        if (asked.Topic is null) return stored;
        _sender.Send(new DueHook(live, "handshake", () => Tell(live, "handshake", [])));
        live.Beat(_clock, () => Beat(live));
        return stored;
    }

    /// <summary>As an administrator, or the server itself, sets it: error, off, active.</summary>
    public void SetStatus(string id, string status)
    {
        if (_live.TryGetValue(id, out var live)) live.Status = status;
        if (_store.Latest("Subscription", id) is { Deleted: false } stored)
            _store.Write("Subscription", id, JsonSplice.WithMembers(stored.Utf8.Span, ("status", $"\"{status}\"")));
    }

    /// <summary>All counts begin again.</summary>
    public void ForgetEvents()
    {
        foreach (var live in _live.Values) live.Forget();
    }

    /// <summary>$status or $events of one subscription on a topic.</summary>
    /// <exception cref="FhirRefusal">No such subscription, or no such operation here.</exception>
    public byte[] Answer(string id, string operation, long since, long until)
    {
        var live = IsThere(id) ? _live.GetValueOrDefault(id) : null;
        if (live?.Asked.Topic is null) throw new FhirRefusal(404, "not-found", "No such subscription.");
        return operation switch
        {
            "status" => Tell(live, "query-status", []),
            "events" when TellsEvents => Tell(live, "query-event", live.Between(since, until)),
            _ => throw new FhirRefusal(404, "not-supported", "No such operation here."),
        };
    }

    public async ValueTask DisposeAsync()
    {
        _store.Written -= OnWritten;
        foreach (var live in _live.Values) live.Dispose();
        await _sender.DisposeAsync();
    }

    private void OnWritten(StoredResource resource)
    {
        foreach (var live in _live.Values)
        {
            if (!live.Asked.Matches(resource) || !IsThere(live.Id)) continue;
            if (live.Asked.End <= _clock.GetUtcNow() && live.Status != "off") SetStatus(live.Id, "off");
            if (live.Asked.Topic is null)
            {
                if (live.Status == "active") Send(new DueHook(live, resource.Key, () => resource.Utf8));
                continue;
            }
            // It goes on counting while it is in error: so the other side can find out what it missed.
            var happened = live.Count(resource.Key, resource.LastUpdated);
            if (live.Status == "active") Send(new DueHook(live, resource.Key, () => Tell(live, "event-notification", [happened])));
        }
    }

    private void Send(DueHook hook)
    {
        lock (_gate)
        {
            var weather = Weather;
            if (_chance.NextDouble() < weather.Lost) return;
            for (var i = 0; i < weather.Copies; i++) _held.Add(hook);
            if (_held.Count < weather.Shuffled * weather.Copies) return;
            var due = _held.ToArray();
            if (weather.Shuffled > 1) _chance.Shuffle(due);
            foreach (var one in due) _sender.Send(one);
            _held.Clear();
        }
    }

    private void Beat(LiveSubscription live)
    {
        if (live.Asked.End <= _clock.GetUtcNow() && live.Status == "active" && IsThere(live.Id)) SetStatus(live.Id, "off");
        if (Weather.Heartbeats && live.Status == "active" && IsThere(live.Id)) _sender.Send(new DueHook(live, "heartbeat", () => Tell(live, "heartbeat", [])));
    }

    /// <summary>A hook on a topic that could not be delivered puts the subscription into error; a handshake that could makes it active. Classic ones are just dropped.</summary>
    private void OnEnded(DueHook hook, bool delivered)
    {
        var live = hook.To;
        if (live.Asked.Topic is null || _live.GetValueOrDefault(live.Id) != live || !IsThere(live.Id)) return;
        if (!delivered) SetStatus(live.Id, "error");
        else if (hook.What == "handshake") SetStatus(live.Id, "active");
    }

    private byte[] Tell(LiveSubscription live, string type, IReadOnlyList<TopicEvent> events)
        => TopicBundle.Write(Base, live.Id, live.Asked.Topic!, live.Status, type, live.Total, events, _clock.GetUtcNow());

    private bool IsThere(string id) => _store.Latest("Subscription", id) is { Deleted: false };
}
