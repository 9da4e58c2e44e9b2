using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Status.Webhooks;

/// <summary>One request as it came.</summary>
internal sealed record HeardHook(byte[] Body, IReadOnlyDictionary<string, string> Headers, int Answered)
{
    private readonly JsonElement _event = JsonDocument.Parse(Body).RootElement;

    public string Id => _event.GetProperty("id").GetString()!;

    public string Referral => _event.GetProperty("subject").GetString()!;

    public int Sequence => _event.GetProperty("sequence").GetInt32();

    public string Type => _event.GetProperty("type").GetString()!;
}

/// <summary>A receiver of webhooks: a real Kestrel that keeps what comes and answers as the test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<HeardHook> _heard = new();
    private readonly SemaphoreSlim _news = new(0);
    private ScriptedServer _server = null!;

    /// <summary>The status of each answer; null: none before the caller gives up.</summary>
    public Func<HeardHook, int?> Answer { get; set; } = _ => StatusCodes.Status204NoContent;

    public Action<HttpResponse> Headers { get; set; } = _ => { };

    public Uri Url => new(_server.Origin, "/hooks");

    public IReadOnlyList<HeardHook> Heard => [.. _heard];

    /// <summary>Those that were answered 2xx.</summary>
    public IReadOnlyList<HeardHook> Taken => [.. _heard.Where(hook => hook.Answered is >= 200 and < 300)];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        receiver._server = await ScriptedServer.StartAsync(receiver.ReceiveAsync);
        return receiver;
    }

    /// <summary>Waits until what was heard is enough.</summary>
    public async Task UntilAsync(Func<WebhookReceiver, bool> enough)
    {
        while (!enough(this))
        {
            if (!await _news.WaitAsync(Ceiling)) Assert.Fail($"Nothing more was heard; so far: {string.Join(", ", Heard.Select(hook => $"{hook.Type} {hook.Sequence} {hook.Answered}"))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _news.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var hook = new HeardHook(body.ToArray(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), 0);
        var status = Answer(hook);
        _heard.Enqueue(hook with { Answered = status ?? 0 });
        _news.Release();
        if (status is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        Headers(context.Response);
        context.Response.StatusCode = status.Value;
    }
}
