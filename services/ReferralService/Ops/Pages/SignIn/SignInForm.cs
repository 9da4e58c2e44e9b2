using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Ops.Pages.SignIn;

/// <summary><c>/sign-in</c> and <c>/sign-out</c>. Who signs in is on record before the session is; who is refused, too.</summary>
internal sealed partial class SignInForm(
    ApiKeys keys, SessionCookies cookies, SessionBook sessions, GuessRate guesses, OperatorActions actions, TimeProvider clock, ILogger<SignInForm> log, OidcSignIn? provider = null)
{
    private const string Wrong = "No key has this secret. Check for a missing character at either end.";

    private static readonly Refusal NotHere = Refusal.Forbidden(
        "Nobody can sign in at this address: the way from your browser to this service is not encrypted, as far as the service can tell. Set PublicUrl to the https address at which browsers reach it (behind a proxy, that of the proxy), or open the page on the machine itself at http://localhost.");

    public static void Map(WebApplication app)
    {
        app.MapMethods("/sign-in", [HttpMethods.Get, HttpMethods.Head], static async context => await (await Of(context).ShowAsync(context)).ExecuteAsync(context));
        app.MapGet("/sign-in/account", static context => Of(context).BeginAsync(context));
        app.MapGet("/sign-in/arrived", static context => Onward(LocalPath.Check(context.Request.Query["return"])).ExecuteAsync(context));
        app.MapPost("/sign-in", static async context => await (await Of(context).TakeAsync(context)).ExecuteAsync(context));
        app.MapPost("/sign-out", static async context => await (await Of(context).LeaveAsync(context)).ExecuteAsync(context));
    }

    private bool NobodyNeedsTo => !keys.Any && provider is null;

    private static SignInForm Of(HttpContext context) => context.RequestServices.GetRequiredService<SignInForm>();

    private IResult Show(HttpRequest request)
    {
        var onward = LocalPath.Check(request.Query["return"]);
        if (NobodyNeedsTo) return Page.SeeOther(onward);
        // Somebody followed a link from elsewhere: the browser kept the cookie back, and will not once a page of ours leads on.
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site") return Onward(onward);
        return Form(onward);
    }

    private async Task<IResult> ShowAsync(HttpContext context)
        => NobodyNeedsTo || cookies.MaySignIn(context.Request) || !cookies.Https ? Show(context.Request) : await RefuseAsync(context, NotHere);

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        if (NobodyNeedsTo) return Page.SeeOther("/");
        var peer = context.Connection.RemoteIpAddress;
        if (!cookies.MaySignIn(context.Request)) return await RefuseAsync(context, NotHere);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var onward = LocalPath.Check(form["return"]);
        var key = keys.Find(form["secret"].ToString().Trim());
        var act = ByHand.Act(key is null ? null : new Caller(key.Name, key.Role), OperatorActs.SignIn, clock.GetUtcNow());
        if (key is null)
        {
            // Only who is wrong waits: behind a proxy one address is everybody's.
            if (guesses.Wait(peer) is { } wait)
            {
                return await RefuseAsync(context, Refusal.TooManyRequests with { Message = "Too many wrong keys came from your address. Try again after a while.", RetryAfter = wait });
            }

            guesses.Wrong(peer);
            Log.Refused(log);
            await actions.AppendAsync(act with { Outcome = ReasonCodes.Unauthorized }, context.RequestAborted);
            return Form(onward, Wrong, StatusCodes.Status422UnprocessableEntity);
        }

        await actions.AppendAsync(act, context.RequestAborted);
        await sessions.OpenAsync(context, key);
        Log.SignedIn(log, key.Name);
        return Page.SeeOther(onward);
    }

    private async Task<IResult> LeaveAsync(HttpContext context)
    {
        if (NobodyNeedsTo) return Page.SeeOther("/");
        await actions.AppendAsync(ByHand.Act(context, OperatorActs.SignOut, clock.GetUtcNow()), context.RequestAborted);
        await sessions.EndAsync(context, context.RequestAborted);
        return Page.SeeOther("/sign-in");
    }

    private async Task BeginAsync(HttpContext context)
    {
        if (provider is not { Offered: true }) await RefusalAnswer.WriteAsync(context, Refusal.NotFound);
        else if (!cookies.MaySignIn(context.Request)) await RefusalAnswer.WriteAsync(context, NotHere);
        else await provider.BeginAsync(context, LocalPath.Check(context.Request.Query["return"]));
    }

    private IResult Form(string onward, string? fault = null, int status = StatusCodes.Status200OK) => Page.Of<SignInPage>(
        new Dictionary<string, object?>
        {
            [nameof(SignInPage.Return)] = onward,
            [nameof(SignInPage.Fault)] = fault,
            [nameof(SignInPage.WithKey)] = keys.Any,
            [nameof(SignInPage.WithAccount)] = provider is { Offered: true },
        },
        status);

    private static IResult Onward(string onward) => Page.Of<OnwardPage>(nameof(OnwardPage.Return), onward);

    private static async Task<IResult> RefuseAsync(HttpContext context, Refusal refusal)
    {
        await RefusalAnswer.WriteAsync(context, refusal);
        return Results.Empty;
    }

    private static partial class Log
    {
        [LoggerMessage(9120, LogLevel.Information, "{Name} signed in")]
        public static partial void SignedIn(ILogger log, string name);

        [LoggerMessage(9121, LogLevel.Warning, "A sign-in was refused: no key has the secret that was given")]
        public static partial void Refused(ILogger log);
    }
}
