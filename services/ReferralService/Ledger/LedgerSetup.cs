using ReferralService.Ledger.PostgreSql;
using ReferralService.Ledger.Sqlite;

namespace ReferralService.Ledger;

internal static class LedgerSetup
{
    /// <summary>The books, the vault and the database below them; opened before any other room's background work starts, so this room is added first.</summary>
    /// <param name="webhooks">Who is told of events by webhook; null: nobody.</param>
    public static IServiceCollection AddLedger(this IServiceCollection services, SettingsReader settings, BusOptions bus, IReadOnlyList<WebhookSubscription>? webhooks = null)
    {
        var options = LedgerOptions.Read(settings, bus) with { Webhooks = webhooks ?? [] };
        services.AddSingleton(options);
        services.AddSingleton<LedgerDatabase>(provider =>
        {
            var clock = provider.GetRequiredService<TimeProvider>();
            return options.Provider == LedgerProvider.PostgreSql
                ? new PostgreSqlLedger(options.ConnectionString, clock, provider.GetRequiredService<ILogger<PostgreSqlLedger>>())
                : new SqliteLedger(options.ConnectionString, clock, provider.GetRequiredService<ILogger<SqliteLedger>>());
        });
        services.AddSingleton<WorkSignals>();
        services.AddSingleton<ReferralBook>();
        services.AddSingleton<NoticeBook>();
        services.AddSingleton<SubscriptionBook>();
        services.AddSingleton<StatusOutbox>();
        services.AddSingleton<WebhookBook>();
        services.AddSingleton(options.Keys);
        services.AddSingleton(provider => new PackageVault(provider.GetRequiredService<LedgerDatabase>(), options.Keys, options.Compress));
        services.AddSingleton<VaultKeyCheck>();
        services.AddSingleton<DisclosureBook>();
        services.AddSingleton<RequisitionBook>();
        services.AddSingleton<BoardBook>();
        services.AddSingleton<PackageRetention>();
        services.AddSingleton<PartnerMemory>();
        services.AddSingleton<PartnerPauses>();
        services.AddSingleton<OperatorActions>();
        services.AddSingleton<SessionKeys>();
        services.AddSingleton<EndedSessions>();
        services.AddSingleton<LedgerFigureBook>();
        services.AddSingleton<ProblemBook>();
        services.AddSingleton<BulkBook>();
        services.AddHostedService<LedgerOpening>();
        if (options.Provider == LedgerProvider.PostgreSql)
        {
            services.AddSingleton<ReplicaRoll>();
            services.AddHostedService<ReplicaKeeper>();
        }

        services.AddHostedService<LedgerUpkeep>();
        return services;
    }
}
