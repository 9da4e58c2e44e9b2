using System.Net;
using ReferralService.Intake.Access.Oidc;

namespace ReferralService.Gathering;

/// <summary>Opens the HttpClient to the identity provider by the rules of partners: to its configured servers only, to addresses that were checked, without proxy, redirects and cookies.</summary>
internal static class ProviderHttp
{
    private const string Partner = "oidc";
    private const int MaxConnections = 8;

    /// <summary>Nobody else bounds these exchanges.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    public static HttpClient Open(OidcOptions oidc, ILogger log)
    {
        (Uri Server, EgressGuard Guard)[] guards = [.. oidc.Origins.Prepend(oidc.Authority).Select(server => (server, new EgressGuard(Partner, server, [], log)))];
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = (context, cancellationToken) => For(context.DnsEndPoint).ConnectAsync(context.DnsEndPoint, cancellationToken),
            SslOptions = PartnerTls.Options(),
            MaxResponseHeadersLength = 64,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxConnectionsPerServer = MaxConnections,
        };
        return new HttpClient(sockets, disposeHandler: true) { Timeout = Longest };

        // What is none of them is refused by the first, and told.
        EgressGuard For(DnsEndPoint to)
            => guards.FirstOrDefault(g => g.Server.Port == to.Port && string.Equals(g.Server.IdnHost.Trim('[', ']'), to.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase), guards[0]).Guard;
    }
}
