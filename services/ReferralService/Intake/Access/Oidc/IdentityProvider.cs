using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>The configured provider: the one connection to it, and what it publishes of itself (addresses, keys), kept for half a day and read anew when a token names a key that is not known.</summary>
internal sealed class IdentityProvider(OidcOptions options, HttpClient http) : IDisposable
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

    private static HttpClient Limited(HttpClient http)
    {
        http.MaxResponseContentBufferSize = LongestDocument;
        return http;
    }
}
