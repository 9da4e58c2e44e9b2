using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using ReferralService.AcceptanceTests.Chaos.Truth;

namespace ReferralService.AcceptanceTests.Chaos;

/// <summary>Makes orders and tells the service of them as the outside world does: by hooks in several shuffled copies, by REST, by command, or not at all.</summary>
internal sealed class Load : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    private readonly World _world;
    private readonly Random _dice;
    private readonly Lock _gate = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentDictionary<string, (long Since, TaskCompletionSource<TimeSpan> Arrived)> _awaited = new();
    private int _number;

    public Load(World world, int seed)
    {
        (_world, _dice) = (world, new Random(seed));
        foreach (var consultant in world.Consultants)
        {
            consultant.Effect += effect =>
            {
                if (effect.Order is not null && _awaited.TryRemove(effect.Order, out var one))
                {
                    one.Arrived.TrySetResult(Stopwatch.GetElapsedTime(one.Since));
                }
            };
        }
    }

    /// <summary>From when on the service asks for orders; older ones than the start are written to be found by the first poll.</summary>
    public static DateTimeOffset Since { get; } = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2);

    /// <summary>Orders made so far.</summary>
    public int Orders => Volatile.Read(ref _number);

    /// <summary>Not yet at their consultant.</summary>
    public int Underway => _awaited.Count;

    /// <summary>Notifications answered, by status; 0: no answer.</summary>
    public ConcurrentDictionary<int, int> Answers { get; } = new();

    /// <summary>A new order; the task ends when its package is at the consultant.</summary>
    public (string Order, Task<TimeSpan> Arrived) Write(string phase, string? recipient = null)
    {
        var order = Next(phase);
        var arrived = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[order] = (Stopwatch.GetTimestamp(), arrived);
        _world.Ehr.Write(order, recipient ?? Anybody(), wanted: true);
        return (order, arrived.Task);
    }

    /// <summary>Keeps so many referrals under way until told to stop; then returns when every trigger has been taken or given up.</summary>
    public async Task KeepAsync(string phase, int underway, CancellationToken stop)
    {
        var telling = new ConcurrentDictionary<string, Task>();
        while (!stop.IsCancellationRequested)
        {
            while (Underway < underway)
            {
                var (order, _) = Write(phase);
                telling[order] = TellAsync(order);
                if (Draw(30) == 0)
                {
                    telling[order + "d"] = DraftAsync(phase);
                }
            }

            foreach (var (order, _) in telling.Where(t => t.Value.IsCompletedSuccessfully))
            {
                telling.TryRemove(order, out _);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        await Task.WhenAll(telling.Values);
    }

    /// <summary>Orders changed before the service was ever started, which only its poll can find.</summary>
    public void Preload(string phase, int orders)
    {
        for (var i = 0; i < orders; i++)
        {
            _world.Ehr.WriteOld(Next(phase), _world.Regulars[i % _world.Regulars.Count].Name, Since + TimeSpan.FromMinutes(1) + i * TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>One notification to any replica that lives; its status, 0 when no answer came.</summary>
    public async Task<(int Status, bool RetryAfter)> HookAsync(string order)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(AnyReplica(), $"/fhir/notify/main/ServiceRequest/{order}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", FakeEhr.Secret);
        request.Content = new StringContent($$"""{"resourceType":"ServiceRequest","id":"{{order}}"}""", Encoding.UTF8, "application/fhir+json");
        var (status, retryAfter) = await SendAsync(request);
        Answers.AddOrUpdate(status, 1, static (_, count) => count + 1);
        if (status == (int)HttpStatusCode.Accepted)
        {
            _world.Ehr.Taken(order, "hook");
        }

        return (status, retryAfter);
    }

    public async Task<int> PostAsync(string path, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(AnyReplica(), path));
        request.Content = body is null ? null : JsonContent.Create(body);
        return (await SendAsync(request)).Status;
    }

    /// <summary>A number below <paramref name="limit"/>; the same sequence for the same seed.</summary>
    public int Draw(int limit)
    {
        lock (_gate)
        {
            return _dice.Next(limit);
        }
    }

    /// <summary>As a sender with four tries does it.</summary>
    public async Task HookUntilTakenAsync(string order)
    {
        for (var tries = 0; tries < 4; tries++)
        {
            if ((await HookAsync(order)).Status is 202)
            {
                return;
            }

            await Task.Delay(Between, TimeProvider.System);
        }
    }

    public void Dispose() => _http.Dispose();

    private string Next(string phase) => string.Create(CultureInfo.InvariantCulture, $"order-{phase}-{Interlocked.Increment(ref _number)}");

    private async Task TellAsync(string order)
    {
        switch (Draw(20))
        {
            case 0:
                // Nobody tells: the poll finds it.
                break;
            case < 5:
                await UntilAsync(async () => await PostAsync("/api/referrals", new { ehr = "main", serviceRequest = $"ServiceRequest/{order}" }) == 202, order, "rest");
                await PostAsync("/api/referrals", new { ehr = "main", serviceRequest = order });
                break;
            case < 8 when _world.Broker is { } broker:
                var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
                await UntilAsync(() => CommandSender.SubmitAsync(broker.Address, id, order, copies: 2, CancellationToken.None), order, "command");
                break;
            default:
                await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(Draw(300)), TimeProvider.System);
                    await HookUntilTakenAsync(order);
                }));
                break;
        }
    }

    /// <summary>An order that is none yet: told of, asked for and asked for again, and never to be sent.</summary>
    private async Task DraftAsync(string phase)
    {
        var order = Next(phase);
        _world.Ehr.Write(order, "put", wanted: false);
        await HookUntilTakenAsync(order);
        if (Draw(2) == 0)
        {
            await PostAsync("/api/referrals", new { ehr = "main", serviceRequest = order });
            await PostAsync("/api/referrals", new { ehr = "main", serviceRequest = order });
        }
    }

    private async Task UntilAsync(Func<Task<bool>> accepted, string order, string way)
    {
        // Not for ever: a service that takes nothing for two minutes is what BacklogDrains is for, by the poll.
        for (var tries = 0; tries < 480; tries++)
        {
            if (await accepted())
            {
                _world.Ehr.Taken(order, way);
                return;
            }

            await Task.Delay(Between, TimeProvider.System);
        }
    }

    private async Task<(int Status, bool RetryAfter)> SendAsync(HttpRequestMessage request)
    {
        try
        {
            using var answer = await _http.SendAsync(request);
            return ((int)answer.StatusCode, answer.Headers.RetryAfter is not null);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (0, false);
        }
    }

    private string Anybody()
    {
        var regulars = _world.Regulars;
        return regulars[Draw(regulars.Count)].Name;
    }

    private Uri AnyReplica() => _world.Replicas[Draw(_world.Replicas.Count)].Http.BaseAddress!;
}
