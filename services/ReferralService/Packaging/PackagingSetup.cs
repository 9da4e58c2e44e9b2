namespace ReferralService.Packaging;

internal static class PackagingSetup
{
    public static IServiceCollection AddPackaging(this IServiceCollection services, SettingsReader settings) => services;
}
