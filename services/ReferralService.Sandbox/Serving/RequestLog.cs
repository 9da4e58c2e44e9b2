using System.Collections.Concurrent;

namespace ReferralService.Sandbox.Serving;

/// <summary>A request as the server saw it.</summary>
/// <param name="PathAndQuery">Below the base, as sent: <c>/Observation?patient=1</c>.</param>
/// <param name="Status">What was answered; 0 when the connection was reset instead.</param>
/// <param name="RetryAfter">The header of the answer.</param>
/// <param name="Fault">The programmed fault that struck, if any.</param>
internal sealed record LoggedRequest(
    long Number, DateTimeOffset At, string Method, string PathAndQuery, IReadOnlyDictionary<string, string> Headers, int Status, string? RetryAfter, string? Fault)
{
    public override string ToString() => $"{Method} {PathAndQuery} → {(Status == 0 ? "reset" : Status)}";
}

/// <summary>Every request in the order they were answered.</summary>
internal sealed class RequestLog
{
    private readonly ConcurrentQueue<RequestEntry> _requests = new();
    private long _number;

    /// <summary>Called on the request's own thread, after its answer.</summary>
    public event Action<LoggedRequest>? Answered;

    public IReadOnlyList<LoggedRequest> All => [.. _requests.Select(entry => entry.Request!)];

    public long Count => Interlocked.Read(ref _number);

    /// <summary>How many requests of this method had a path that starts so.</summary>
    public int CountOf(string method, string pathStart)
        => All.Count(r => r.Method == method && r.PathAndQuery.StartsWith(pathStart, StringComparison.Ordinal));

    /// <summary>A request has come. Its line is there before the first byte of its answer leaves, so that who has read the answer finds it.</summary>
    internal RequestEntry Begin(HttpContext http, string pathAndQuery, DateTimeOffset at, string? fault)
    {
        var entry = new RequestEntry();
        http.Response.OnStarting(() =>
        {
            // A connection that was reset has its line already when the server ends what never was an answer.
            if (entry.Request is null) Write(entry, http, pathAndQuery, at, fault);
            return Task.CompletedTask;
        });
        return entry;
    }

    /// <param name="reset">The connection was reset, or its client hung up, whatever was answered before.</param>
    internal void End(RequestEntry entry, HttpContext http, string pathAndQuery, DateTimeOffset at, bool reset, string? fault)
    {
        if (entry.Request is null) Write(entry, http, pathAndQuery, at, fault);
        if (reset) entry.Request = entry.Request! with { Status = 0 };
        Answered?.Invoke(entry.Request!);
    }

    private void Write(RequestEntry entry, HttpContext http, string pathAndQuery, DateTimeOffset at, string? fault)
    {
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        entry.Request = new LoggedRequest(
            Interlocked.Increment(ref _number), at, http.Request.Method, pathAndQuery, headers, http.Response.StatusCode, http.Response.Headers.RetryAfter is [{ } wait] ? wait : null, fault);
        _requests.Enqueue(entry);
        while (_requests.Count > 200_000) _requests.TryDequeue(out _);
    }
}

/// <summary>A line of the log; none before the answer has begun.</summary>
internal sealed class RequestEntry
{
    public volatile LoggedRequest? Request;
}
