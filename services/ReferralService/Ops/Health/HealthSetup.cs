using ReferralService.Ops.Health.Checks;

namespace ReferralService.Ops.Health;

internal static class HealthSetup
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services
        .AddSingleton<Readiness>()
        .AddSingleton<DetailedHealth>()
        .AddSingleton<PartnerLook>()
        .AddSingleton<BrokerCheck>()
        .AddSingleton<IHealthCheck, LedgerCheck>()
        .AddSingleton<IHealthCheck, DatabaseClockCheck>()
        .AddSingleton<IHealthCheck>(provider => provider.GetRequiredService<BrokerCheck>())
        .AddSingleton<IHealthCheck, BacklogCheck>()
        .AddSingleton<IHealthCheck, VaultCheck>()
        .AddSingleton<IHealthCheck, DiskCheck>()
        .AddSingleton<IHealthCheck, PartnerChecks>()
        .AddSingleton<IHealthCheck, OwnCertificateCheck>();
}
