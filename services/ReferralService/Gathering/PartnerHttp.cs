using System.Net;
using ReferralService.Intake;

namespace ReferralService.Gathering;

/// <summary>Opens the one HttpClient to a partner, EHR or recipient: every default of .NET that would matter is set here.</summary>
/// <remarks>
/// No redirect is followed (a record must not go, nor come from, where nobody configured it), no cookies are kept, nothing is sent before a
/// connection stands, and time is owned by whoever calls (the client itself never times out). HTTP/1.1: one exchange, one connection,
/// so that what a broken connection means is never shared with other exchanges.
/// </remarks>
internal static class PartnerHttp
{
    private const int MostHeaderKilobytes = 64;

    /// <param name="guard">Makes the connections.</param>
    /// <param name="watch">Notices what is to be known of the partner; null: nobody does.</param>
    /// <param name="outer">What else this kind of partner needs: sees each request first and each answer last. Disposed with the client. Null: nothing.</param>
    public static HttpClient Open(Uri baseUrl, PartnerAuth auth, int maxConnections, EgressGuard guard, PartnerWatch? watch = null, DelegatingHandler? outer = null)
    {
        var sockets = Sockets(baseUrl, maxConnections, guard, watch);
        var inner = new PartnerCredentials(baseUrl, auth, watch is null ? sockets : new WatchedExchange(watch, sockets));
        if (outer is null) return Client(inner);
        outer.InnerHandler = inner;
        return Client(outer);
    }

    /// <summary>The same to one that is no FHIR server and needs no credentials, because each request proves itself: a webhook's receiver.</summary>
    public static HttpClient Open(Uri address, int maxConnections, EgressGuard guard) => Client(Sockets(address, maxConnections, guard, watch: null));

    private static HttpClient Client(HttpMessageHandler handler) => new(handler, disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestVersion = HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static SocketsHttpHandler Sockets(Uri baseUrl, int maxConnections, EgressGuard guard, PartnerWatch? watch) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy would choose the address; here it is the one that was checked.
        UseProxy = false,
        ConnectCallback = (context, cancellationToken) => guard.ConnectAsync(context.DnsEndPoint, cancellationToken),
        SslOptions = PartnerTls.Options(watch is null ? null : watch.ShowedCertificate),
        MaxResponseHeadersLength = MostHeaderKilobytes,
        // On loopback compressing costs more than the bytes it saves.
        AutomaticDecompression = baseUrl.IsLoopback ? DecompressionMethods.None : DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        MaxConnectionsPerServer = maxConnections,
        // Its own spans and headers would carry addresses, and what callers of ours send along (baggage); WatchedExchange sends the trace's id alone.
        ActivityHeadersPropagator = null,
    };
}
