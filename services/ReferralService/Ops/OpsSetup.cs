using Microsoft.Extensions.DependencyInjection.Extensions;
using ReferralService.Ops.Audit;
using ReferralService.Ops.Health;
using ReferralService.Ops.Metrics;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Published;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops;

internal static class OpsSetup
{
    public static IServiceCollection AddOps(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton<PartnerContacts>();
        services.AddSingleton<SearchText>();
        services.AddSingleton<ReferralReads>();
        services.AddSingleton<PackageReads>();
        services.AddSingleton<AuditReads>();
        services.AddSingleton<PartnerReads>();
        services.AddSingleton<ActionReads>();
        services.AddSingleton<PartnerPausing>();
        services.AddHostedService<PausedStrangers>();
        services.AddHealth();
        services.AddMetricBook();
        services.TryAddSingleton<BrokerTroubles>();
        services.AddPages();
        services.AddOperating();
        return services;
    }

    public static void MapOps(this WebApplication app)
    {
        app.MapHealth();
        app.MapMetrics();
        Read<ReferralReads>(app, "/api/referrals", static (reads, context) => reads.ListAsync(context));
        Read<ReferralReads>(app, "/api/referrals/{id}", static (reads, context) => reads.ShowAsync(context));
        Read<PackageReads>(app, "/api/referrals/{id}/package", static (reads, context) => reads.PackageAsync(context));
        Read<PackageReads>(app, "/api/referrals/{id}/manifest", static (reads, context) => reads.ManifestAsync(context));
        Read<PartnerReads>(app, "/api/partners", static (reads, context) => reads.ListAsync(context));
        Read<ActionReads>(app, "/api/actions", static (reads, context) => reads.ListAsync(context));
        Read<AuditReads>(app, "/fhir/AuditEvent", static (reads, context) => reads.SearchAsync(context));
        Read<AuditReads>(app, "/fhir/AuditEvent/{id}", static (reads, context) => reads.ReadAsync(context));
        PartnerPausing.Map(app);
        app.MapPublished();
        app.MapPages();
        app.MapOperating();
    }

    private static void Read<T>(WebApplication app, string route, Func<T, HttpContext, Task> answer) where T : class
        => app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], context => answer(context.RequestServices.GetRequiredService<T>(), context));
}
