using MassTransit;
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
            });
        });
        services.AddSingleton<StepSlots>().AddSingleton<OrderCriteriaBook>();
        services.AddSingleton<PackagingStep>().AddSingleton<DeliveryStep>().AddSingleton<StepRunner>().AddSingleton<WakeUpBus>().AddSingleton<PackagePreview>().AddSingleton<PreviewEndpoint>();
        services.AddHostedService<Dispatcher>().AddHostedService<NoticeRunner>().AddHostedService<SweepRunner>().AddHostedService<Drain>();
        services.AddMassTransit(wakeUps => Configure(wakeUps, options, bus));
        services.AddOptions<MassTransitHostOptions>().Configure(host => host.WaitUntilStarted = false);
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

    private static void Configure(IBusRegistrationConfigurator wakeUps, FlowOptions options, BusOptions bus)
    {
        wakeUps.DisableUsageTelemetry();
        wakeUps.AddConsumer<PackageReferralConsumer>().Endpoint(e => e.Name = "referral.wake-up.package");
        wakeUps.AddConsumer<DeliverReferralConsumer>().Endpoint(e => e.Name = "referral.wake-up.deliver");
        if (bus.Transport == BusTransport.InMemory)
        {
            wakeUps.UsingInMemory((context, configure) =>
            {
                configure.ConcurrentMessageLimit = options.MaxInFlight;
                configure.ConfigureEndpoints(context);
            });
            return;
        }

        wakeUps.UsingRabbitMq((context, configure) =>
        {
            configure.Host(bus.RabbitMq, host => ConfigureHost(host, bus.RabbitMq));
            configure.PrefetchCount = options.MaxInFlight;
            configure.ConcurrentMessageLimit = options.MaxInFlight;
            configure.SetQuorumQueue();
            configure.ConfigureEndpoints(context);
        });
    }

    /// <summary>The last word before each connection is ours: <see cref="BrokerConnection.Secure"/>.</summary>
    internal static void ConfigureHost(IRabbitMqHostConfigurator host, Uri address) => host.OnRefreshConnectionFactory = factory =>
    {
        BrokerConnection.Secure(factory, address);
        return Task.CompletedTask;
    };
}
