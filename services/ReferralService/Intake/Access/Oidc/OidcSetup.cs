using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using ReferralService.Intake.Access.Sessions;

namespace ReferralService.Intake.Access.Oidc;

internal static class OidcSetup
{
    /// <summary>Nothing where no provider is configured. The connection to it (<see cref="IdentityProvider"/>) is made in the room that makes connections.</summary>
    public static IServiceCollection AddOidc(this IServiceCollection services, OidcOptions? oidc, SessionCookies cookies)
    {
        if (oidc is null) return services;
        services.AddSingleton(oidc).AddSingleton<OidcTokens>().AddSingleton<OidcSignIn>().AddSingleton<SeldomRecord>();
        var schemes = new AuthenticationBuilder(services);
        if (oidc.Audience is { } audience)
        {
            schemes.AddJwtBearer(OidcTokens.Scheme, options => { });
            services.AddOptions<JwtBearerOptions>(OidcTokens.Scheme).Configure<IdentityProvider>((options, provider) =>
            {
                options.Backchannel = provider.Http;
                options.ConfigurationManager = provider.Published;
                options.TokenValidationParameters = IdentityProvider.Rules(audience);
                options.MapInboundClaims = false;
                options.SaveToken = false;
                options.IncludeErrorDetails = false;
            });
        }

        if (oidc.ClientId is { } client)
        {
            schemes.AddOpenIdConnect(OidcSignIn.Scheme, options => { });
            services.AddOptions<OpenIdConnectOptions>(OidcSignIn.Scheme).Configure<IdentityProvider>((options, provider) =>
            {
                options.Authority = oidc.Authority.AbsoluteUri;
                options.ClientId = client;
                options.ClientSecret = oidc.ClientSecret;
                options.Backchannel = provider.Http;
                options.ConfigurationManager = provider.Published;
                options.TokenValidationParameters = IdentityProvider.Rules(client);
                options.EventsType = typeof(OidcSignIn);
                options.SignInScheme = SessionCookies.Scheme;
                Flow(options, oidc, cookies);
            });
        }

        return services;
    }

    private static void Flow(OpenIdConnectOptions options, OidcOptions oidc, SessionCookies cookies)
    {
        options.ResponseType = OpenIdConnectResponseType.Code;
        // By GET: the way back then needs no cookie that other sites' forms could bring along.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.RequireHttpsMetadata = oidc.Authority.Scheme == Uri.UriSchemeHttps;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.GetClaimsFromUserInfoEndpoint = false;
        options.DisableTelemetry = true;
        options.Scope.Clear();
        foreach (var scope in oidc.Scopes) options.Scope.Add(scope);
        options.CallbackPath = OidcSignIn.ReturnPath;
        // Nobody but the person signs out here.
        options.RemoteSignOutPath = PathString.Empty;
        options.SignedOutCallbackPath = PathString.Empty;
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
        cookies.ShapeForReturn(options.CorrelationCookie, "referral-provider-");
        cookies.ShapeForReturn(options.NonceCookie, "referral-nonce-");
    }
}
