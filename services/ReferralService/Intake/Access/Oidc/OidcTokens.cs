using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;
using ReferralService.Contracts;
using ReferralService.Intake.Answers;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>Callers of the API who show a token of the identity provider.</summary>
internal sealed partial class OidcTokens(OidcOptions options, IdentityProvider provider, ILogger<OidcTokens> log)
{
    /// <summary>The authentication scheme of tokens.</summary>
    public const string Scheme = "token";

    private static readonly Refusal NotNow = new(
        StatusCodes.Status503ServiceUnavailable, ReasonCodes.IdentityProviderUnreachable, "transient",
        "The identity provider does not answer, so the token cannot be checked now. Nothing was done; send it again after the time in Retry-After, or use one of Api:Keys.")
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };

    private static readonly Refusal NoRole = Refusal.Forbidden("The token is good, but none of its values means a role here. The operator says which do by Api:Oidc:RoleClaim and Api:Oidc:Roles.");

    /// <summary>1 once it was said that the provider does not answer, until it does.</summary>
    private int _away;

    /// <summary>A JSON web token by its looks; a key's secret that looks so is found before.</summary>
    public bool IsToken(string bearer) => options.Audience is not null && bearer.Count(c => c == '.') == 2;

    /// <returns>The caller; or why there is none; neither: the token is not good.</returns>
    public async Task<(Caller? Caller, Refusal? Refusal)> FindAsync(HttpContext context)
    {
        AuthenticateResult result;
        try
        {
            // Asked for first: the check of a token does not tell a provider that is away from a key that is not its own.
            await provider.ReadyAsync(context.RequestAborted);
            result = await context.AuthenticateAsync(Scheme);
            Interlocked.Exchange(ref _away, 0);
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            if (Interlocked.Exchange(ref _away, 1) == 0) Log.ProviderAway(log, e is ProviderAwayException away ? away.Cause : e.GetType().Name);
            return (null, NotNow);
        }

        if (result.Principal is not { } principal || OidcAccount.Name(principal, options) is not { } name)
        {
            Log.NotGood(log, result.Failure is SecurityTokenException ? result.Failure.GetType().Name : "none");
            return (null, null);
        }

        return OidcAccount.Role(principal, options) is { } role ? (new Caller(name, role), null) : (null, NoRole);
    }

    private static partial class Log
    {
        [LoggerMessage(1021, LogLevel.Information, "A token was refused ({Reason})")]
        public static partial void NotGood(ILogger log, string reason);

        [LoggerMessage(1022, LogLevel.Error, "The identity provider (Api:Oidc:Authority) does not answer ({Exception}): tokens cannot be checked; keys go on working")]
        public static partial void ProviderAway(ILogger log, string exception);
    }
}
