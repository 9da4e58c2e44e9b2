namespace ReferralService.Ledger;

/// <summary>Opens the ledger before the service starts. A database that does not answer, is locked or full is waited for, a minute in all; one that cannot be opened stops the start.</summary>
internal sealed partial class LedgerOpening(LedgerDatabase database, VaultKeyCheck keys, LedgerOptions options, TimeProvider clock, ILogger<LedgerOpening> log) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        await WithPatienceAsync(
            async () =>
            {
                await database.OpenAsync(cancellationToken);
                return true;
            },
            started,
            cancellationToken);
        Log.Opened(log, options.Provider);
        TellOfKeys(await WithPatienceAsync(() => keys.RunAsync(cancellationToken), started, cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<T> WithPatienceAsync<T>(Func<Task<T>> step, long started, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await step();
            }
            catch (LedgerUnavailableException exception) when (clock.GetElapsedTime(started) < Patience)
            {
                Log.NotYet(log, exception.Code);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private void TellOfKeys(IReadOnlyDictionary<string, long> lost)
    {
        if (options.Keys.Current is { } current)
        {
            Log.VaultEncrypted(log, current, options.Keys.Ids.Count);
        }
        else if (options.Keys is { InClear: true, Ids.Count: 0 })
        {
            Log.VaultInClearWithoutKeys(log);
        }
        else if (options.Keys.InClear)
        {
            Log.VaultInClearByWill(log);
        }
        else
        {
            Log.VaultInClear(log);
        }

        if (options.Keys.SharedWithGroup)
        {
            Log.KeysSharedWithGroup(log);
        }

        foreach (var (key, parts) in lost)
        {
            Log.KeyLost(log, key, parts);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6010, LogLevel.Information, "Ledger open ({Provider})")]
        public static partial void Opened(ILogger logger, LedgerProvider provider);

        [LoggerMessage(6011, LogLevel.Warning,
            "Vault:KeyFile is not set: packages (patients' records) are stored in clear in the ledger. Keep its volume encrypted and its backups closed")]
        public static partial void VaultInClear(ILogger logger);

        [LoggerMessage(6014, LogLevel.Information, "Packages are encrypted with key {Key}, the first of {Keys} in Vault:KeyFile")]
        public static partial void VaultEncrypted(ILogger logger, string key, int keys);

        [LoggerMessage(6015, LogLevel.Warning, "The group of Vault:KeyFile can read it: see that nobody else is in that group, or chmod 600")]
        public static partial void KeysSharedWithGroup(ILogger logger);

        [LoggerMessage(6016, LogLevel.Critical,
            "Key {Key} was given up (Vault:LostKeys), and {Parts} package parts are encrypted with it. They cannot be read, and what needs them is held (vault-key-missing), until the key is back in Vault:KeyFile and the service started again")]
        public static partial void KeyLost(ILogger logger, string key, long parts);

        [LoggerMessage(6017, LogLevel.Warning,
            "Vault:InClear is set: packages (patients' records) are stored in clear in the ledger, and those that are encrypted are rewritten in clear. Keep its volume encrypted and its backups closed")]
        public static partial void VaultInClearByWill(ILogger logger);

        [LoggerMessage(6018, LogLevel.Warning,
            "Vault:InClear is set, and Vault:KeyFile is not: packages (patients' records) are stored in clear in the ledger, and what is encrypted stays as it is. Keep its volume encrypted and its backups closed")]
        public static partial void VaultInClearWithoutKeys(ILogger logger);

        [LoggerMessage(6013, LogLevel.Warning, "The ledger's database does not answer yet ({Code}); trying again")]
        public static partial void NotYet(ILogger logger, string code);
    }
}
