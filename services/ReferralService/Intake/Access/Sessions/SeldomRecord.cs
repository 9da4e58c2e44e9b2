using System.Collections.Concurrent;
using System.Net;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>One record for each address and minute of what nobody known did: the record of acts by hand must not be anybody's to fill. The log has each.</summary>
internal sealed class SeldomRecord(TimeProvider clock)
{
    private const int MostAddresses = 10_000;

    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _last = new(StringComparer.Ordinal);

    /// <param name="peer">Of the connection; a forwarding header is never believed.</param>
    /// <returns>Whether this one is to be recorded.</returns>
    public bool Takes(IPAddress? peer)
    {
        var now = clock.GetUtcNow();
        if (_last.Count >= MostAddresses) Forget(now);
        var address = CallRate.Network(peer);
        if (_last.Count >= MostAddresses && !_last.ContainsKey(address)) return false;
        return _last.TryGetValue(address, out var before) ? now - before >= Apart && _last.TryUpdate(address, now, before) : _last.TryAdd(address, now);
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (address, last) in _last)
        {
            if (now - last >= Apart) _last.TryRemove(address, out _);
        }
    }
}
