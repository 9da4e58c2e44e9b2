namespace ReferralService.Packaging;

internal static class PackagingSetup
{
    /// <summary>Packaging has no settings: everything it depends on comes with the call.</summary>
    public static IServiceCollection AddPackaging(this IServiceCollection services, SettingsReader settings) => services.AddSingleton<PackageBuilder>();
}
