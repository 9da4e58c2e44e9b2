using ReferralService.Intake.Answers;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>The way to the provider and back has its address's share of calls, as whoever is not known has everywhere. It stands before the framework, which answers the way back itself.</summary>
internal sealed class SignInRate(RequestDelegate next, CallRate rate)
{
    private const string AccountPath = "/sign-in/account";

    public Task InvokeAsync(HttpContext context)
        => (Is(context.Request.Path, OidcSignIn.ReturnPath) || Is(context.Request.Path, AccountPath)) && !rate.TakeOfPeer(context.Connection.RemoteIpAddress)
            ? RefusalAnswer.WriteAsync(context, Refusal.TooManyRequests)
            : next(context);

    private static bool Is(PathString path, string wanted) => path.StartsWithSegments(wanted, StringComparison.OrdinalIgnoreCase);
}
