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
    private readonly ConcurrentQueue<LoggedRequest> _requests = new();
    private long _number;

    /// <summary>Called on the request's own thread, after its answer.</summary>
    public event Action<LoggedRequest>? Answered;

    public IReadOnlyList<LoggedRequest> All => [.. _requests];

    public long Count => Interlocked.Read(ref _number);

    /// <summary>How many requests of this method had a path that starts so.</summary>
    public int CountOf(string method, string pathStart)
        => _requests.Count(r => r.Method == method && r.PathAndQuery.StartsWith(pathStart, StringComparison.Ordinal));

    internal void Add(HttpContext http, string pathAndQuery, DateTimeOffset at, bool reset, string? fault)
    {
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new LoggedRequest(
            Interlocked.Increment(ref _number), at, http.Request.Method, pathAndQuery, headers, reset ? 0 : http.Response.StatusCode,
            http.Response.Headers.RetryAfter is [{ } wait] ? wait : null, fault);
        _requests.Enqueue(request);
        while (_requests.Count > 200_000) _requests.TryDequeue(out _);
        Answered?.Invoke(request);
    }
}
