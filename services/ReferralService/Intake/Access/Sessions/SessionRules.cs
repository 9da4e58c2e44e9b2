using Microsoft.AspNetCore.Authentication.Cookies;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>What the framework asks about a session cookie it could open.</summary>
internal sealed class SessionRules(SessionBook book) : CookieAuthenticationEvents
{
    /// <summary>A new cookie at most once a minute, so that idle time is right to a minute and not every answer sets one.</summary>
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(1);

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (Session.Of(context.Principal) is not { } session || !await book.StandsAsync(session, context.HttpContext.RequestAborted)) context.RejectPrincipal();
    }

    /// <summary>What a page asks for by itself, to stay up to date, is no sign that somebody sits before it.</summary>
    public override Task CheckSlidingExpiration(CookieSlidingExpirationContext context)
    {
        var request = context.Request;
        var byItself = request.Path.StartsWithSegments("/live", StringComparison.OrdinalIgnoreCase) || request.Headers["Sec-Fetch-Dest"] == "empty";
        context.ShouldRenew = context.ElapsedTime >= RenewAfter && !byItself;
        return Task.CompletedTask;
    }
}
