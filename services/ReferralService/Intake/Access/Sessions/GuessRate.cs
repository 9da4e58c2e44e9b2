using System.Collections.Concurrent;
using System.Net;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>How soon another wrong secret of an address is heard: after five each next has to wait twice as long, to a minute. A right one is let in at any time, and does not clear the count: it may be somebody else's behind the same proxy.</summary>
/// <remarks>By process. What is guessed at has 90 bits and more: this keeps the record of refused sign-ins short, and typing mistakes cheap.</remarks>
internal sealed class GuessRate(TimeProvider clock)
{
    private const int Free = 5;
    private const int MostAddresses = 10_000;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>How long this address has to wait; null: it may try.</summary>
    /// <param name="peer">Of the connection; a forwarding header is never believed.</param>
    public TimeSpan? Wait(IPAddress? peer)
        => _counts.TryGetValue(CallRate.Network(peer), out var count) && count.Next - clock.GetUtcNow() is { Ticks: > 0 } left ? left : null;

    public void Wrong(IPAddress? peer)
    {
        var now = clock.GetUtcNow();
        if (_counts.Count >= MostAddresses) Forget(now);
        _counts.AddOrUpdate(CallRate.Network(peer), _ => new Count(1, now, now), (_, before) => Again(before, now));
    }

    private static Count Again(Count before, DateTimeOffset now)
    {
        int wrong = now - before.Last > Forgotten ? 1 : before.Wrong + 1;
        double seconds = wrong < Free ? 0 : Math.Min(Longest.TotalSeconds, Math.Pow(2, Math.Min(wrong - Free, 10)));
        return new Count(wrong, now, now + TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Those that are over; where that is not enough, all but those that wait.</summary>
    private void Forget(DateTimeOffset now)
    {
        foreach (var (address, count) in _counts)
        {
            if (now - count.Last > Forgotten || count.Next <= now) _counts.TryRemove(address, out _);
        }
    }

    private sealed record Count(int Wrong, DateTimeOffset Last, DateTimeOffset Next);
}
