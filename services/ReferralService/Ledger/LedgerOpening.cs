namespace ReferralService.Ledger;

/// <summary>Opens the ledger before the service starts; a ledger that cannot be opened stops the start.</summary>
internal sealed partial class LedgerOpening(LedgerDatabase database, LedgerOptions options, ILogger<LedgerOpening> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.OpenAsync(cancellationToken);
        }
        catch (LedgerStartException exception)
        {
            Log.CannotOpen(log, exception.Message);
            throw;
        }

        Log.Opened(log, options.Provider);
        Log.VaultInClear(log);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(6010, LogLevel.Information, "Ledger open ({Provider})")]
        public static partial void Opened(ILogger logger, LedgerProvider provider);

        [LoggerMessage(6011, LogLevel.Warning,
            "Vault:KeyFile is empty: packages (patients' records) are stored in clear in the ledger. Keep its volume encrypted and its backups closed")]
        public static partial void VaultInClear(ILogger logger);

        [LoggerMessage(6012, LogLevel.Critical, "{Reason}")]
        public static partial void CannotOpen(ILogger logger, string reason);
    }
}
