using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ReferralService.Status;

internal static class StatusSetup
{
    /// <summary>With the in-memory bus there is nobody to tell: the timeline holds the events.</summary>
    public static IServiceCollection AddStatus(this IServiceCollection services, SettingsReader settings, BusOptions bus)
    {
        services.AddSingleton<BrokerStatus>().TryAddSingleton<BrokerTroubles>();
        if (bus.Transport == BusTransport.RabbitMq)
        {
            services.AddSingleton(provider => new StatusBroker(
                BrokerConnection.Factory(bus.RabbitMq, "status events"), provider.GetRequiredService<BrokerTroubles>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StatusBroker>>()));
            services.AddHostedService<StatusRelay>();
        }

        return services;
    }
}
