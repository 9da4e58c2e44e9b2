namespace ReferralService.Ops;

internal static class OpsSetup
{
    public static IServiceCollection AddOps(this IServiceCollection services, SettingsReader settings) => services;

    public static void MapOps(this WebApplication app) { }
}
