using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ReferralService.Intake;

namespace ReferralService.RecipientDirectory;

/// <summary>Opens the one HttpClient to a recipient: every default of .NET that would matter is set here.</summary>
/// <remarks>
/// No redirect is followed (a record must not go where nobody configured it), no cookies are kept, nothing is sent before a connection stands,
/// and time is owned by whoever calls (the client itself never times out). HTTP/1.1: one exchange, one connection, so that
/// what a broken connection means is never shared with other exchanges.
/// </remarks>
internal static class RecipientHttp
{
    private const long LongBody = 1024 * 1024;

    public static HttpClient Open(Uri baseUrl, PartnerAuth auth, int maxConnections)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxConnectionsPerServer = maxConnections,
        };
        return new HttpClient(new RecipientHeaders(baseUrl, auth) { InnerHandler = sockets }, disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Adds the recipient's credentials to requests of its own origin, and takes care that no other origin ever gets them.
    /// Says what we prefer (RFC 7240): a search fails where a filter is not understood, a Bundle is stored without being sent back.
    /// Of a transaction nothing is said: its answer, entry by entry, is what proves the delivery, and "minimal" may mean none at all.</summary>
    private sealed class RecipientHeaders(Uri baseUrl, PartnerAuth auth) : DelegatingHandler
    {
        private readonly AuthenticationHeaderValue? _credentials = auth.Kind switch
        {
            AuthKind.Bearer => new AuthenticationHeaderValue("Bearer", auth.Token),
            AuthKind.Basic => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.User}:{auth.Password}"))),
            _ => null,
        };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var ours = request.RequestUri is { } to && Uri.Compare(to, baseUrl, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
            request.Headers.Authorization = ours ? _credentials : null;
            if (Preference(request) is { } preference)
            {
                request.Headers.TryAddWithoutValidation("Prefer", preference);
            }

            // A long body is announced first: whoever does not want it (413, 401) is then heard before it travels, not lost in a reset.
            // A server that knows nothing of this costs one second.
            request.Headers.ExpectContinue = request.Content?.Headers.ContentLength > LongBody;
            return base.SendAsync(request, cancellationToken);
        }

        private string? Preference(HttpRequestMessage request)
        {
            var path = request.RequestUri?.AbsolutePath ?? "";
            return request.Method == HttpMethod.Get || path.EndsWith("/_search", StringComparison.Ordinal) ? "handling=strict"
                : path.TrimEnd('/') == baseUrl.AbsolutePath.TrimEnd('/') ? null
                : "return=minimal";
        }
    }
}
