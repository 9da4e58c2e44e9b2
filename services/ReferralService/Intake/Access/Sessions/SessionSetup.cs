using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access.Sessions;

internal static class SessionSetup
{
    /// <summary>Cookies sealed under one name are good at every replica of this product, and nowhere else.</summary>
    private const string Application = "ReferralService";

    public static IServiceCollection AddSessions(this IServiceCollection services, SessionCookies cookies)
    {
        // Nobody is looked up but where ApiAccess asks: not for hooks, health or assets.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddAuthentication().AddCookie(SessionCookies.Scheme);
        services.AddOptions<CookieAuthenticationOptions>(SessionCookies.Scheme).Configure(options =>
        {
            cookies.Shape(options.Cookie, cookies.Session);
            options.ExpireTimeSpan = Session.Idle;
            options.SlidingExpiration = true;
            options.EventsType = typeof(SessionRules);
        });
        return services
            .AddForms()
            .Configure<AntiforgeryOptions>(options => cookies.Shape(options.Cookie, cookies.Form))
            .AddSingleton(cookies)
            .AddSingleton<SessionBook>()
            .AddSingleton<SessionRules>()
            .AddSingleton<GuessRate>();
    }

    /// <summary>Tokens for forms, protected with keys in the ledger; may be called more than once.</summary>
    public static IServiceCollection AddForms(this IServiceCollection services)
    {
        services.TryAddSingleton<SessionKeys>();
        services.AddDataProtection().SetApplicationName(Application);
        services.AddOptions<KeyManagementOptions>().Configure<SessionKeys>((options, keys) =>
        {
            options.XmlRepository = new LedgerKeyRing(keys);
            options.XmlEncryptor = new LedgerKeyRing.SealedByTheLedger();
        });
        // The pages forbid frames altogether.
        return services.AddAntiforgery(options => options.SuppressXFrameOptionsHeader = true);
    }
}
