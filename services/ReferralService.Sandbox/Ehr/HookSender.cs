using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;

namespace ReferralService.Sandbox.Ehr;

/// <summary>A hook that is to go out.</summary>
/// <param name="What">The resource's key, or handshake, heartbeat.</param>
/// <param name="Body">Written when it goes.</param>
internal sealed record DueHook(LiveSubscription To, string What, Func<ReadOnlyMemory<byte>> Body);

/// <summary>Notifies over HTTP: one queue for all, four tries each, then it is dropped, as R4's rest-hooks do.</summary>
internal sealed class HookSender : IAsyncDisposable
{
    private const int Tries = 4;
    private readonly TimeSpan _retryDelay;
    private readonly TimeProvider _clock;
    private readonly Action<DueHook, bool> _ended;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Channel<DueHook> _due = Channel.CreateUnbounded<DueHook>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;

    /// <param name="ended">Told of each hook's end: whether it was delivered.</param>
    public HookSender(TimeSpan retryDelay, TimeProvider clock, Action<DueHook, bool> ended)
    {
        (_retryDelay, _clock, _ended) = (retryDelay, clock, ended);
        _sending = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAllAsync()));
    }

    public NotificationLog Log { get; } = new();

    public void Send(DueHook hook) => _due.Writer.TryWrite(hook);

    public async ValueTask DisposeAsync()
    {
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

    private async Task SendAllAsync()
    {
        await foreach (var hook in _due.Reader.ReadAllAsync(_stop.Token))
        {
            var (status, tries) = (0, 0);
            while (tries < Tries && status is < 200 or >= 300)
            {
                if (tries++ > 0) await Task.Delay(_retryDelay, _clock, _stop.Token);
                status = await SendAsync(hook);
            }
            _ended(hook, status is >= 200 and < 300);
            Log.Add(new Notification(_clock.GetUtcNow(), hook.To.Id, hook.What, hook.To.Asked.Payload is null ? "POST" : "PUT", status, tries));
        }
    }

    private async Task<int> SendAsync(DueHook hook)
    {
        var asked = hook.To.Asked;
        bool empty = asked.Topic is null && asked.Payload is null;
        using var request = new HttpRequestMessage(
            asked.Payload is null ? HttpMethod.Post : HttpMethod.Put, asked.Payload is null ? asked.Endpoint.AbsoluteUri : $"{asked.Endpoint.AbsoluteUri.TrimEnd('/')}/{hook.What}");
        request.Content = empty ? new ByteArrayContent([]) : new ReadOnlyMemoryContent(hook.Body());
        if (!empty) request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/fhir+json", Encoding.UTF8.WebName);
        foreach (var (name, value) in asked.Headers) request.Headers.TryAddWithoutValidation(name, value);
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
