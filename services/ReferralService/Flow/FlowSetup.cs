using Microsoft.Extensions.DependencyInjection.Extensions;
using ReferralService.Gathering;

namespace ReferralService.Flow;

internal static class FlowSetup
{
    public static IServiceCollection AddFlow(this IServiceCollection services, SettingsReader settings, BusOptions bus)
    {
        var options = FlowOptions.Read(settings);
        CheckCriteria(settings);
        services.AddSingleton(options);
        services.AddSingleton(provider =>
        {
            var random = new Random();
            var gate = new Lock();
            return new StepTime(provider.GetRequiredService<TimeProvider>(), () =>
            {
                lock (gate)
                {
                    return random.NextDouble();
                }
            }, options.LongestDelay);
        });
        services.AddSingleton<StepSlots>().AddSingleton<OrderCriteriaBook>();
        services.AddSingleton<PackagingStep>().AddSingleton<DeliveryEndings>().AddSingleton<OutcomeInquiry>().AddSingleton<DeliveryStep>().AddSingleton<StepRunner>().AddSingleton<LocalSteps>().AddSingleton<WakeUpBus>().AddSingleton<PackagePreview>().AddSingleton<PreviewEndpoint>();
        services.AddSingleton(provider => new OrderRereading(provider.GetRequiredService<OrderReader>().ReadAsync, options, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<Dispatcher>().AddHostedService<NoticeRunner>().AddHostedService<SweepRunner>().AddHostedService<Drain>();
        services.AddHostedService<SubscriptionRunner>();
        services.TryAddSingleton<BrokerTroubles>();
        services.AddSingleton(bus).AddSingleton<WakeUpLink>().AddHostedService(provider => provider.GetRequiredService<WakeUpLink>());
        return services;
    }

    public static void MapFlow(this WebApplication app) => PreviewEndpoint.Map(app);

    /// <summary>Intake reads the criteria, Gathering evaluates them: whether it can is asked here, before the start.</summary>
    private static void CheckCriteria(SettingsReader settings)
    {
        foreach (var ehr in settings.Names("Ehrs"))
        {
            try
            {
                if (settings.Peek($"Ehrs:{ehr}:Criteria") is { Length: > 0 } criteria)
                {
                    OrderCriteria.Parse(criteria);
                }
            }
            catch (FormatException fault)
            {
                settings.Fault($"Ehrs:{ehr}:Criteria", fault.Message);
            }
        }
    }
}
