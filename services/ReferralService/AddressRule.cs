using System.Net;
using System.Net.Sockets;

namespace ReferralService;

/// <summary>Which addresses a partner may have. Hospitals' servers stand in private networks, so those are allowed; what no partner ever has is not.</summary>
/// <param name="Loopback">The configured host itself is this machine.</param>
/// <param name="Networks">If any are given, the address must lie in one of them.</param>
internal sealed record AddressRule(bool Loopback, IReadOnlyList<IPNetwork> Networks)
{
    private static readonly (string Reason, IPNetwork[] Networks)[] Never =
    [
        ("metadata", Parse("169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128")),
        ("link-local", Parse("169.254.0.0/16", "fe80::/10")),
        ("unspecified", Parse("0.0.0.0/8", "::/128")),
        ("multicast", Parse("224.0.0.0/4", "ff00::/8")),
        ("reserved", Parse("240.0.0.0/4")),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Null when a connection may be made; else one word that says why not.</summary>
    public string? WhyNot(IPAddress address)
    {
        var plain = Plain(address);
        foreach (var (reason, networks) in Never)
        {
            if (networks.Any(n => n.Contains(plain))) return reason;
        }

        if (IPAddress.IsLoopback(plain) && !Loopback) return "loopback";
        return Networks.Count == 0 || Networks.Any(n => n.Contains(plain) || n.Contains(address)) ? null : "outside-networks";
    }

    /// <summary>An IPv4 address in an IPv6 one's clothes is that IPv4 address.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (Translated.Contains(address)) return new IPAddress(bytes[12..]);
        if (SixToFour.Contains(address)) return new IPAddress(bytes[2..6]);
        // A scope would keep it from being compared.
        return new IPAddress(bytes);
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(n => IPNetwork.Parse(n))];
}
