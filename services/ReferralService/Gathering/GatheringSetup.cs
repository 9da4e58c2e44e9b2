namespace ReferralService.Gathering;

internal static class GatheringSetup
{
    public static IServiceCollection AddGathering(this IServiceCollection services, SettingsReader settings) => services;
}
