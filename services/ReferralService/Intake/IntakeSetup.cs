namespace ReferralService.Intake;

internal static class IntakeSetup
{
    public static IServiceCollection AddIntake(this IServiceCollection services, SettingsReader settings, BusOptions bus) => services;

    public static void MapIntake(this WebApplication app) { }
}
