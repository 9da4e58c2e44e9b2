using ReferralService.Gathering.Plans;
using ReferralService.Gathering.Subscriptions;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Ledger;

namespace ReferralService.Gathering;

internal static partial class GatheringSetup
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
            .AddSingleton(provider =>
            {
                var oidc = provider.GetRequiredService<OidcOptions>();
                return new IdentityProvider(oidc, ProviderHttp.Open(oidc, provider.GetRequiredService<ILogger<IdentityProvider>>()), provider.GetRequiredService<TimeProvider>());
            })
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

    /// <summary>Says at the start by which plans records are chosen.</summary>
    public static void TellPlans(ILogger logger, PlanBook plans)
    {
        var shipped = plans.StillShipped;
        Log.Shipped(logger, shipped.Count, string.Join(", ", shipped.Select(p => $"{p.Id} {p.Version}")));
        foreach (var own in plans.Own)
        {
            if (own.Plan.Status == PlanStatus.Retired) Log.Retired(logger, own);
            else Log.Own(logger, own);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2021, LogLevel.Information, "{Count} shipped record plans are in force, drafts that no clinician has reviewed for these patients: {Plans}.")]
        public static partial void Shipped(ILogger logger, int count, string plans);

        [LoggerMessage(2022, LogLevel.Information, "A record plan of Gathering:PlanFolder is in force: {Plan}.")]
        public static partial void Own(ILogger logger, OwnPlan plan);

        [LoggerMessage(2023, LogLevel.Information, "A record plan is switched off by Gathering:PlanFolder: {Plan}.")]
        public static partial void Retired(ILogger logger, OwnPlan plan);
    }
}
