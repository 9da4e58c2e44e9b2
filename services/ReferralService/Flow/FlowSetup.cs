namespace ReferralService.Flow;

internal static class FlowSetup
{
    public static IServiceCollection AddFlow(this IServiceCollection services, SettingsReader settings, BusOptions bus) => services;

    public static void MapFlow(this WebApplication app) { }
}
