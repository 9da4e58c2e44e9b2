using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Answers;
using ReferralService.Ops.Pages.Live;
using ReferralService.Ops.Pages.Referrals;
using ReferralService.Ops.Pages.SignIn;

namespace ReferralService.Ops.Pages;

internal static class PagesSetup
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddForms();
        services.AddSingleton<SignInForm>();
        services.AddSingleton<Concerns>();
        services.AddSingleton<BoardLook>();
        services.AddSingleton<BoardPages>();
        services.AddSingleton<ListPages>();
        services.AddSingleton<ReferralPages>();
        services.AddSingleton<LiveLook>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveLook>());
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<PageRefusal>(RefusalPage.WriteAsync);
        return services;
    }

    /// <summary>Before everything else, so that an answer that failed has the pages' headers too.</summary>
    public static void UsePages(this WebApplication app) => app.UseMiddleware<PageHeaders>();

    public static void MapPages(this WebApplication app)
    {
        PageAssets.Map(app);
        SignInForm.Map(app);
        Show(app, "/runbook", static _ => Task.FromResult(Page.Of<RunbookPage>(new Dictionary<string, object?>())));
        Show(app, "/", static context => Of<BoardPages>(context).ShowAsync(context));
        Show(app, "/referrals", static context => Of<ListPages>(context).ListAsync(context));
        Show(app, "/referrals/{id}", static context => Of<ReferralPages>(context).ShowAsync(context));
        app.MapPost("/referrals/{id}/forward", static async (HttpContext context) => await (await Of<ReferralPages>(context).ForwardAsync(context)).ExecuteAsync(context));
        app.MapGet("/live", static (HttpContext context) => Of<LiveFeed>(context).ServeAsync(context));
    }

    private static T Of<T>(HttpContext context) where T : class => context.RequestServices.GetRequiredService<T>();

    private static void Show(WebApplication app, string route, Func<HttpContext, Task<IResult>> page)
        => app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], async (HttpContext context) => await (await page(context)).ExecuteAsync(context));
}
