using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>Opens sessions, ends them, and says which still stand.</summary>
internal sealed class SessionBook(ApiKeys keys, EndedSessions ended, TimeProvider clock, OidcOptions? oidc = null)
{
    private const int IdBytes = 16;

    public Task OpenAsync(HttpContext context, ApiKey key)
        => context.SignInAsync(SessionCookies.Scheme, New(new Caller(key.Name, key.Role), key.Name, key.Stamp).ToPrincipal());

    public Session New(Caller caller, string? key, string stamp) => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), caller, key, stamp, clock.GetUtcNow());

    /// <summary>Ends it at every replica, whoever has a copy of its cookie.</summary>
    public async Task EndAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (Session.Of(context.User) is { } session) await ended.AddAsync(session.Id, session.Until, cancellationToken);
        await context.SignOutAsync(SessionCookies.Scheme);
    }

    /// <summary>The session whose cookie came with the request. Its principal is the request's user from then on.</summary>
    public static async Task<Session?> OfAsync(HttpContext context)
    {
        var result = await context.AuthenticateAsync(SessionCookies.Scheme);
        if (Session.Of(result.Principal) is not { } session) return null;
        context.User = result.Principal!;
        return session;
    }

    /// <summary>False: its time is over, it was ended, or what it stands on was changed or removed in the settings.</summary>
    public async Task<bool> StandsAsync(Session session, CancellationToken cancellationToken)
        => clock.GetUtcNow() < session.Until
            && (session.Key is { } name ? keys.Named(name)?.Stamp : oidc?.Stamp) == session.Stamp
            && !await ended.ContainsAsync(session.Id, cancellationToken);
}
