using Microsoft.Extensions.DependencyInjection.Extensions;
using ReferralService.Status.Webhooks;

namespace ReferralService.Status;

internal static class StatusSetup
{
    /// <summary>With the in-memory bus and no webhook there is nobody to tell: the timeline holds the events.</summary>
    public static IServiceCollection AddStatus(this IServiceCollection services, SettingsReader settings, BusOptions bus, IReadOnlyList<WebhookOptions>? webhooks = null)
    {
        services.AddSingleton(new WebhookStandings((webhooks ?? []).Select(webhook => webhook.Name)));
        if (webhooks is { Count: > 0 })
        {
            services.AddSingleton(webhooks);
            services.AddHostedService<WebhookRelay>();
        }

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
