using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>The configured provider: the one connection to it, and what it publishes of itself (addresses, keys), kept for half a day and read anew when a token names a key that is not known.</summary>
internal sealed class IdentityProvider(OidcOptions options, HttpClient http, TimeProvider clock) : IDisposable
{
    private const long LongestDocument = 1 << 20;

    /// <summary>Clocks of two servers differ; the rule of the product is two minutes at most.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Signed by a key pair. With a shared secret anyone who knows it could sign, and without a signature anyone at all.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Whoever waits for what the provider publishes waits no longer.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    /// <summary>One that did not answer is not asked again this long, and everybody is told at once.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task? _asking;
    private DateTimeOffset _restsUntil = DateTimeOffset.MinValue;

    public OidcOptions Options { get; } = options;

    public HttpClient Http { get; } = Limited(http);

    public ConfigurationManager<OpenIdConnectConfiguration> Published { get; } = new(
        $"{options.Authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
        new OpenIdConnectConfigurationRetriever(),
        new HttpDocumentRetriever(http) { RequireHttps = options.Authority.Scheme == Uri.UriSchemeHttps })
    {
        // A key that is not known yet is looked for again this soon; not at every token that somebody makes up.
        RefreshInterval = TimeSpan.FromMinutes(1),
    };

    /// <summary>Returns when what the provider publishes is there; <see cref="Published"/> has it at once from then on. All who come meanwhile share one question.</summary>
    /// <exception cref="ProviderAwayException">It did not answer, or not as one, now or a moment ago.</exception>
    public Task ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (clock.GetUtcNow() < _restsUntil) throw new ProviderAwayException("resting");
            if (_asking is not { IsCompleted: false }) _asking = AskAsync();
            return _asking.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What a token must be to be believed, whoever shows it. The issuer is what the provider publishes.</summary>
    public static TokenValidationParameters Rules(string audience) => new()
    {
        ValidAlgorithms = Algorithms,
        ValidAudience = audience,
        ValidateAudience = true,
        ValidateIssuer = true,
        ValidateIssuerSigningKey = true,
        ValidateLifetime = true,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = Skew,
    };

    public void Dispose() => Http.Dispose();

    private async Task AskAsync()
    {
        using var late = new CancellationTokenSource(Within, clock);
        try
        {
            // The question goes on behind the wait, so that an answer that comes late is there for the next.
            await Published.GetConfigurationAsync(late.Token).WaitAsync(late.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException or OperationCanceledException)
        {
            lock (_gate) _restsUntil = clock.GetUtcNow() + Rest;
            throw new ProviderAwayException(e.GetType().Name);
        }
    }

    private static HttpClient Limited(HttpClient http)
    {
        http.MaxResponseContentBufferSize = LongestDocument;
        return http;
    }
}

/// <summary>The identity provider does not answer, or not as one.</summary>
/// <param name="cause">Name of an exception's type, for the log.</param>
internal sealed class ProviderAwayException(string cause) : IOException("identity-provider-unreachable")
{
    public string Cause { get; } = cause;
}
