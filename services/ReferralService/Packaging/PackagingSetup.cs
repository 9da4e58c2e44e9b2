using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging;

internal static class PackagingSetup
{
    /// <summary>Of settings packaging knows only how consents are read; all else it depends on comes with the call.</summary>
    public static IServiceCollection AddPackaging(this IServiceCollection services, SettingsReader settings)
    {
        var consent = ConsentOptions.Read(settings);
        return services.AddSingleton(consent).AddSingleton(new PackageBuilder(consent));
    }
}
