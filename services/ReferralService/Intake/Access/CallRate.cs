using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using ReferralService.Intake.Settings;

namespace ReferralService.Intake.Access;

/// <summary>How many calls each caller may still make now: one with a good key by the key's name, everybody else by address.</summary>
/// <remarks>A limiter that has been full for a while is dropped by the framework, so callers that never come again take no memory.</remarks>
internal sealed class CallRate(IntakeOptions options) : IDisposable
{
    /// <summary>Of an IPv6 address, what one subscriber usually has: the rest it may choose anew for each call.</summary>
    private const int NetworkBytes = 8;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(caller =>
        RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.RequestsPerSecond,
            TokensPerPeriod = options.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    public bool TakeOfKey(string name) => Take($"key {name}");

    /// <param name="peer">Of the connection; a forwarding header is never believed.</param>
    public bool TakeOfPeer(IPAddress? peer) => Take($"peer {Network(peer)}");

    public void Dispose() => _limiter.Dispose();

    private bool Take(string caller)
    {
        using var lease = _limiter.AttemptAcquire(caller);
        return lease.IsAcquired;
    }

    /// <summary>What callers from one place have in common.</summary>
    public static string Network(IPAddress? peer) => peer switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } => peer.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexStringLower(peer.GetAddressBytes().AsSpan(0, NetworkBytes)),
        _ => peer.ToString(),
    };
}
