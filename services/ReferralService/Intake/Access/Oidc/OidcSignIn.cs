using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using ReferralService.Contracts;
using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access.Oidc;

/// <summary>People who sign in at the identity provider: there and back by authorization code with PKCE, then a session of ours as any other.</summary>
internal sealed partial class OidcSignIn(
    OidcOptions options, IdentityProvider provider, SessionBook sessions, PublicAddress address, OperatorActions actions, SeldomRecord seldom, TimeProvider clock, ILogger<OidcSignIn> log) : OpenIdConnectEvents
{
    /// <summary>The authentication scheme of the sign-in.</summary>
    public const string Scheme = "provider";

    /// <summary>Where the provider leads back to, below this service's own address.</summary>
    public const string ReturnPath = "/sign-in/oidc";

    private const string Correlation = ".xsrf";
    private const string CorrelationGood = "N";
    private static readonly object BegunHere = new();

    private static readonly Refusal NotNow = new(
        StatusCodes.Status503ServiceUnavailable, ReasonCodes.IdentityProviderUnreachable, "transient",
        "The identity provider does not answer, or not as one, so nobody can sign in with an account now. Try again after a while; where you have a key, sign in with that.")
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };

    private static readonly Refusal NotCompleted = new(
        StatusCodes.Status403Forbidden, ReasonCodes.Forbidden, "login",
        "The sign-in with the account was not completed: it was called off, took too long, was begun in another browser, or the provider's word was not good. Begin it anew at /sign-in.");

    /// <summary>Where no account may sign in.</summary>
    public bool Offered => options.ClientId is not null;

    /// <summary>Leads the browser to the provider; after that, to <paramref name="onward"/>.</summary>
    /// <param name="onward">An address of ours.</param>
    public async Task BeginAsync(HttpContext context, string onward)
    {
        try
        {
            // Back from there the browser keeps our cookie back for one step more; a page of ours leads on.
            await provider.ReadyAsync(context.RequestAborted);
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = $"/sign-in/arrived?return={Uri.EscapeDataString(onward)}" });
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            Log.ProviderAway(log, e is ProviderAwayException away ? away.Cause : e.GetType().Name);
            await RefusalAnswer.WriteAsync(context, NotNow);
        }
    }

    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        if (address.Url is { } url) context.ProtocolMessage.RedirectUri = url.AbsoluteUri.TrimEnd('/') + ReturnPath;
        return Task.CompletedTask;
    }

    /// <summary>Notes whether this browser began it: anybody can send the rest of what comes here. Whether it is so is for the framework to judge; this decides only what is recorded.</summary>
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        if (context.Properties?.Items.TryGetValue(Correlation, out var id) != true || context.Request.Cookies[context.Options.CorrelationCookie.Name + id] != CorrelationGood) return;
        context.HttpContext.Items[BegunHere] = true;
        try
        {
            await provider.ReadyAsync(context.HttpContext.RequestAborted);
        }
        catch (ProviderAwayException away)
        {
            context.Fail(away);
        }
    }

    /// <summary>The provider's word is good. Whether the account may do anything here is for the settings to say.</summary>
    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var now = clock.GetUtcNow();
        var name = OidcAccount.Name(context.Principal!, options);
        if (name is null || OidcAccount.Role(context.Principal!, options) is not { } role)
        {
            Log.NoRole(log, name ?? "nobody");
            var refused = ByHand.Act((Caller?)null, OperatorActs.SignIn, now) with { Actor = name ?? "unknown", Outcome = ReasonCodes.Forbidden };
            await actions.AppendAsync(refused, context.HttpContext.RequestAborted);
            await RefusalAnswer.WriteAsync(context.HttpContext, NoRole());
            context.HandleResponse();
            return;
        }

        var caller = new Caller(name, role);
        await actions.AppendAsync(ByHand.Act(caller, OperatorActs.SignIn, now), context.HttpContext.RequestAborted);
        context.Principal = sessions.New(caller, key: null, options.Stamp).ToPrincipal();
        context.Properties = new AuthenticationProperties();
        Log.SignedIn(log, name);
    }

    public override async Task RemoteFailure(RemoteFailureContext context)
    {
        var away = Causes(context.Failure).Any(e => e is HttpRequestException or IOException or TimeoutException || (e is InvalidOperationException && e.Message.StartsWith("IDX20803", StringComparison.Ordinal)));
        if (away) Log.ProviderAway(log, context.Failure?.GetType().Name ?? "none");
        else Log.NotCompleted(log, Causes(context.Failure).Select(e => e.GetType().Name).FirstOrDefault() ?? "none");
        if (!away && context.HttpContext.Items.ContainsKey(BegunHere) && seldom.Takes(context.HttpContext.Connection.RemoteIpAddress)) await actions.AppendAsync(ByHand.Act((Caller?)null, OperatorActs.SignIn, clock.GetUtcNow()) with { Outcome = ReasonCodes.Unauthorized }, context.HttpContext.RequestAborted);
        await RefusalAnswer.WriteAsync(context.HttpContext, away ? NotNow : NotCompleted);
        context.HandleResponse();
    }

    private Refusal NoRole() => Refusal.Forbidden(
        $"You are signed in at the identity provider, but nothing there gives your account a role here. Ask whoever keeps the accounts for one of these in {options.RoleClaim}: "
        + $"{string.Join("; ", options.Roles.Where(r => r.Value.Count > 0).Select(r => $"{string.Join(" or ", r.Value)} ({r.Key.ToString().ToLowerInvariant()})"))}. Then sign in anew.");

    private static IEnumerable<Exception> Causes(Exception? e)
    {
        for (; e is not null; e = e.InnerException) yield return e;
    }

    private static partial class Log
    {
        [LoggerMessage(1023, LogLevel.Information, "{Account} signed in")]
        public static partial void SignedIn(ILogger log, string account);

        [LoggerMessage(1024, LogLevel.Warning, "{Account} was not signed in: none of its values in Api:Oidc:RoleClaim means a role (Api:Oidc:Roles)")]
        public static partial void NoRole(ILogger log, string account);

        [LoggerMessage(1025, LogLevel.Warning, "A sign-in with an account was not completed ({Reason})")]
        public static partial void NotCompleted(ILogger log, string reason);

        [LoggerMessage(1026, LogLevel.Error, "The identity provider (Api:Oidc:Authority) does not answer ({Exception}): nobody can sign in with an account; keys go on working")]
        public static partial void ProviderAway(ILogger log, string exception);
    }
}
