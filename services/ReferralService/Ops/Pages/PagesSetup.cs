using ReferralService.Intake.Access.Sessions;
using ReferralService.Intake.Answers;
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
        Show(app, "/", static _ => Task.FromResult(Page.Of<Board>(new Dictionary<string, object?>())));
    }

    private static void Show(WebApplication app, string route, Func<HttpContext, Task<IResult>> page)
        => app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], async (HttpContext context) => await (await page(context)).ExecuteAsync(context));
}
