using ReferralService.Gathering.Plans;
using ReferralService.Gathering.Subscriptions;
using ReferralService.Ledger;

namespace ReferralService.Gathering;

internal static class GatheringSetup
{
    public static IServiceCollection AddGathering(this IServiceCollection services, SettingsReader settings)
    {
        var options = GatheringOptions.Read(settings);
        var faults = new List<string>();
        var plans = PlanBook.Load(options.PlanFolder, faults);
        faults.ForEach(fault => settings.Fault("Gathering:PlanFolder", fault));
        return services
            .AddSingleton(options)
            .AddSingleton(plans)
            .AddSingleton(new GetPipelineOptions())
            .AddSingleton<SpoolFolder>()
            .AddSingleton<EhrConnections>()
            .AddSingleton(provider => new LearnedHabits(provider.GetService<PartnerMemory>()))
            .AddSingleton<OrderReader>()
            .AddSingleton<OrderSweep>()
            .AddSingleton<OrderVersions>()
            .AddSingleton<MissedEvents>()
            .AddSingleton<SubscriptionKeeping>()
            .AddSingleton<RecordGatherer>();
    }
}
