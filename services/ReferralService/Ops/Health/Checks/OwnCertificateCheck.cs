using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ReferralService.Ops.Health.Checks;

/// <summary>When the certificate ends that callers of ours are shown, where we listen with TLS: found by a handshake with ourselves, wherever the certificate comes from.</summary>
internal sealed class OwnCertificateCheck(IServer server, TimeProvider clock) : IHealthCheck
{
    private readonly ConcurrentDictionary<int, (DateTimeOffset Ends, DateTimeOffset Seen)> _known = [];

    public string Name => "certificate:own";

    public async Task<IReadOnlyList<HealthCheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        var results = new List<HealthCheckResult>();
        foreach (var port in TlsPorts())
        {
            if (!_known.TryGetValue(port, out var known) || clock.GetUtcNow() - known.Seen >= HealthThresholds.ContactAge)
            {
                if (await ShownAsync(port, cancellationToken) is not { } ends) continue;
                _known[port] = known = (ends, clock.GetUtcNow());
            }

            results.Add(PartnerChecks.Certificate($"{Name}:{port}", known.Ends - clock.GetUtcNow()) with { AgeMs = CheckTime.Age(clock, known.Seen) });
        }

        return results;
    }

    private IEnumerable<int> TlsPorts() => (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        .Where(address => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)).Select(address => BindingAddress.Parse(address).Port).Distinct();

    /// <summary>Null: nobody listens at loopback there, or no handshake came about.</summary>
    private static async Task<DateTimeOffset?> ShownAsync(int port, CancellationToken cancellationToken)
    {
        DateTimeOffset? ends = null;
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            await using var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    // Only looked at: whether it is to be trusted is the callers' question, and nothing is said to it.
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        if (certificate is X509Certificate2 shown) ends = new DateTimeOffset(shown.NotAfter);
                        return false;
                    },
                },
                cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return ends;
        }

        return ends;
    }
}
