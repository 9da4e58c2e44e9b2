namespace ReferralService.Status;

internal static class StatusSetup
{
    public static IServiceCollection AddStatus(this IServiceCollection services, SettingsReader settings, BusOptions bus)
    {
        services.AddSingleton<BrokerStatus>();
        return services;
    }
}
