namespace ReferralService.Ledger;

internal static class LedgerSetup
{
    public static IServiceCollection AddLedger(this IServiceCollection services, SettingsReader settings, BusOptions bus) => services;
}
