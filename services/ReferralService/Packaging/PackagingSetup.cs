using ReferralService.Packaging.Conformance;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging;

internal static class PackagingSetup
{
    /// <summary>Of settings packaging knows only how consents are read and what is done with what does not conform; all else it depends on comes with the call.</summary>
    public static IServiceCollection AddPackaging(this IServiceCollection services, SettingsReader settings)
    {
        var consent = ConsentOptions.Read(settings);
        return services.AddSingleton(consent).AddSingleton(new PackageBuilder(consent, ValidationOptions.Read(settings)));
    }
}
