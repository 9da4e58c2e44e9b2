namespace ReferralService.RecipientDirectory;

internal static class RecipientDirectorySetup
{
    public static IServiceCollection AddRecipientDirectory(this IServiceCollection services, SettingsReader settings) => services;
}
