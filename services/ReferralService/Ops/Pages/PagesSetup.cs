using Microsoft.AspNetCore.Http.HttpResults;

namespace ReferralService.Ops.Pages;

internal static class PagesSetup
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery();
        return services;
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapGet("/", () => new RazorComponentResult<Board>(new { Count = 3 }));
    }
}
