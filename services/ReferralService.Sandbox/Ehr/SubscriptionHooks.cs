using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Ehr;

/// <summary>Notifies over HTTP: one queue for all, four tries each, then it is dropped, as R4's rest-hooks do.</summary>
internal sealed class SubscriptionHooks : IAsyncDisposable
{
    private const int Tries = 4;
    private readonly ResourceStore _store;
    private readonly TimeSpan _retryDelay;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly ConcurrentDictionary<string, Subscription> _active = new();
    private readonly Channel<(string Id, Subscription Subscription, StoredResource Resource)> _due = Channel.CreateUnbounded<(string, Subscription, StoredResource)>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;

    public SubscriptionHooks(ResourceStore store, TimeSpan retryDelay, TimeProvider clock)
    {
        (_store, _retryDelay, _clock) = (store, retryDelay, clock);
        store.Written += OnWritten;
        _sending = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAllAsync()));
    }

    public NotificationLog Log { get; } = new();

    /// <summary>Stores the Subscription as active and serves it from now on.</summary>
    /// <exception cref="Serving.FhirRefusal">422 when it cannot be served.</exception>
    public StoredResource Subscribe(string? id, ReadOnlyMemory<byte> utf8)
    {
        var subscription = Subscription.Read(utf8);
        var stored = _store.Write("Subscription", id, subscription is null ? utf8 : JsonSplice.WithMembers(utf8.Span, ("status", "\"active\"")));
        if (subscription is null) _active.TryRemove(stored.Id, out _);
        else _active[stored.Id] = subscription;
        return stored;
    }

    public async ValueTask DisposeAsync()
    {
        _store.Written -= OnWritten;
        await _stop.CancelAsync();
        try
        {
            await _sending;
        }
        catch (OperationCanceledException)
        {
            // Stopped while waiting: what was queued is not sent, as when a server goes down.
        }
        _http.Dispose();
        _stop.Dispose();
    }

    private void OnWritten(StoredResource resource)
    {
        foreach (var (id, subscription) in _active)
        {
            if (subscription.Criteria.Type == resource.Type && subscription.Criteria.Matches(resource) && _store.Latest("Subscription", id) is { Deleted: false })
                _due.Writer.TryWrite((id, subscription, resource));
        }
    }

    private async Task SendAllAsync()
    {
        await foreach (var (id, subscription, resource) in _due.Reader.ReadAllAsync(_stop.Token))
        {
            var (status, tries) = (0, 0);
            while (tries < Tries && status is < 200 or >= 300)
            {
                if (tries++ > 0) await Task.Delay(_retryDelay, _clock, _stop.Token);
                status = await SendAsync(subscription, resource);
            }
            Log.Add(new Notification(_clock.GetUtcNow(), id, resource.Key, subscription.Payload is null ? "POST" : "PUT", status, tries));
        }
    }

    private async Task<int> SendAsync(Subscription subscription, StoredResource resource)
    {
        using var request = subscription.Payload is null
            ? new HttpRequestMessage(HttpMethod.Post, subscription.Endpoint) { Content = new ByteArrayContent([]) }
            : new HttpRequestMessage(HttpMethod.Put, $"{subscription.Endpoint.AbsoluteUri.TrimEnd('/')}/{resource.Key}") { Content = new ReadOnlyMemoryContent(resource.Utf8) };
        if (subscription.Payload is not null) request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/fhir+json", Encoding.UTF8.WebName);
        foreach (var (name, value) in subscription.Headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var answer = await _http.SendAsync(request, _stop.Token);
            return (int)answer.StatusCode;
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException && !_stop.IsCancellationRequested)
        {
            return 0;
        }
    }
}
