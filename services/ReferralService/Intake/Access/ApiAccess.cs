using ReferralService.Contracts;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access;

/// <summary>Lets a request to a guarded address pass, or answers 401, 403 or 429.</summary>
internal sealed partial class ApiAccess(RequestDelegate next, ApiKeys keys, CallRate rate, OperatorActions actions, TimeProvider time, ILogger<ApiAccess> logger)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        var role = ApiAccessTable.RoleFor(context.Request.Method, context.Request.Path);
        if (role is null || Refuse(context, role.Value) is not { } refusal)
        {
            await next(context);
            return;
        }

        Log.Refused(logger, refusal.Status, role.Value);
        if (refusal.Code == ReasonCodes.Forbidden && Caller.Of(context) is { } caller && HandActTable.Of(context.Request.Method, context.Request.Path) is { } asked)
        {
            await actions.AppendAsync(asked.Refused(ByHand.Act(caller, asked.Action, time.GetUtcNow())), context.RequestAborted);
        }

        await RefusalAnswer.WriteAsync(context, refusal);
    }

    private Refusal? Refuse(HttpContext context, ApiRole role)
    {
        var request = context.Request;
        if (!keys.Any)
        {
            var peer = context.Connection.RemoteIpAddress;
            if (!rate.TakeOfPeer(peer)) return Refusal.TooManyRequests;
            if (LocalCaller.WhyNot(peer, request.Headers, request.Host, request.Scheme) is { } why) return Refusal.Forbidden(why);
            context.Features.Set(Caller.Local);
            return null;
        }

        string? authorization = request.Headers.Authorization;
        var key = authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true ? keys.Find(authorization[Scheme.Length..].Trim()) : null;
        // Whoever guesses uses up its own address's share and no key's.
        if (key is null ? !rate.TakeOfPeer(context.Connection.RemoteIpAddress) : !rate.TakeOfKey(key.Name)) return Refusal.TooManyRequests;
        if (key is null) return Refusal.Unauthorized("Send Authorization: Bearer and the secret of one of Api:Keys.", "login");
        context.Features.Set(new Caller(key.Name, key.Role));
        return key.Role >= role ? null : Refusal.Forbidden($"This key's role may not do this; it needs the role {role.ToString().ToLowerInvariant()}.");
    }

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Information, "A call was refused with {Status}; it needs role {Role}.")]
        public static partial void Refused(ILogger logger, int status, ApiRole role);
    }
}
