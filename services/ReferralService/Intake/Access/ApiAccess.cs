using ReferralService.Contracts;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access;

/// <summary>Lets a request pass whose caller may make it, or answers 401, 403 or 429; a browser that asks for a page without a session is led to the sign-in.</summary>
internal sealed partial class ApiAccess(
    RequestDelegate next, ApiKeys keys, CallRate rate, OperatorActions actions, KnownPartners partners, TimeProvider time, ILogger<ApiAccess> logger, OidcTokens? tokens = null)
{
    private const string Scheme = "Bearer ";

    private static readonly Refusal AtThePage = Refusal.Forbidden(
        "Who is signed in reads the record on the referral's page, where you say what for (\"Show what is in it\", \"Download\"). This address is for programs, with a key or a token.");

    public async Task InvokeAsync(HttpContext context)
    {
        var need = ApiAccessTable.Of(context.Request.Method, context.Request.Path);
        if (need.Role is not { } role || await RefuseAsync(context, role, need.BySession) is not { } refusal)
        {
            await next(context);
            return;
        }

        Log.Refused(logger, refusal.Status, role);
        if (refusal.Status == StatusCodes.Status401Unauthorized && PageAddress.IsMeant(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = LocalPath.SignInTo(context.Request);
            context.Response.Headers.CacheControl = "no-store";
            return;
        }

        if (refusal.Code == ReasonCodes.Forbidden && Caller.Of(context) is { } caller && HandActTable.Of(context.Request.Method, context.Request.Path) is { } asked)
        {
            var meant = asked with { Kind = asked.Kind ?? context.Request.Query["kind"] };
            await actions.AppendAsync(meant.Refused(ByHand.Act(caller, asked.Action, time.GetUtcNow()), partners), context.RequestAborted);
        }

        await RefusalAnswer.WriteAsync(context, refusal);
    }

    private async Task<Refusal?> RefuseAsync(HttpContext context, ApiRole role, bool bySession)
    {
        var request = context.Request;
        var peer = context.Connection.RemoteIpAddress;
        if (!keys.Any && tokens is null)
        {
            if (!rate.TakeOfPeer(peer)) return Refusal.TooManyRequests;
            bool page = FormCheck.IsSafe(request.Method) && PageAddress.IsMeant(request);
            if (LocalCaller.WhyNot(peer, request.Headers, request.Host, request.Scheme, page) is { } why) return Refusal.Forbidden(why);
            context.Features.Set(Caller.Local);
            return null;
        }

        var (caller, refusal, taken) = await FindAsync(context);
        // Whoever guesses uses up its own address's share and no key's.
        if (caller is null ? !taken && !rate.TakeOfPeer(peer) : !rate.TakeOfKey(caller.Name)) return Refusal.TooManyRequests;
        if (caller is null) return refusal ?? Refusal.Unauthorized("Send Authorization: Bearer and the secret of one of Api:Keys, or a token of the identity provider where one is configured.", "login");
        context.Features.Set(caller);
        return caller.Role >= role
            ? !bySession && string.IsNullOrEmpty(request.Headers.Authorization) ? AtThePage : null
            : Refusal.Forbidden($"You are known as {caller.Role.ToString().ToLowerInvariant()} and may not do this; it needs the role {role.ToString().ToLowerInvariant()}.");
    }

    /// <summary>Who shows a key or a token, or has a session. A session reads what programs read, too, but acts by forms alone, which are checked.</summary>
    /// <returns>Taken: the share of its address is used up already, by a token that had to be looked at.</returns>
    private async Task<(Caller? Caller, Refusal? Refusal, bool Taken)> FindAsync(HttpContext context)
    {
        string? authorization = context.Request.Headers.Authorization;
        if (string.IsNullOrEmpty(authorization))
        {
            return FormCheck.IsSafe(context.Request.Method) || PageAddress.IsMeant(context.Request) ? ((await SessionBook.OfAsync(context))?.Caller, null, false) : (null, null, false);
        }

        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return (null, null, false);
        var bearer = authorization[Scheme.Length..].Trim();
        if (keys.Find(bearer) is { } key) return (new Caller(key.Name, key.Role), null, false);
        if (tokens?.IsToken(bearer) != true) return (null, null, false);
        // Before the provider is asked and a signature computed: anybody can make up what looks like a token.
        if (!rate.TakeOfPeer(context.Connection.RemoteIpAddress)) return (null, Refusal.TooManyRequests, true);
        var (caller, refusal) = await tokens.FindAsync(context);
        return (caller, refusal, true);
    }

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Information, "A call was refused with {Status}; it needs role {Role}.")]
        public static partial void Refused(ILogger logger, int status, ApiRole role);
    }
}
