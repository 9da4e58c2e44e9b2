namespace ReferralService.Ledger;

/// <summary>What one round did.</summary>
/// <param name="Packages">Of referrals whose time was over.</param>
/// <param name="Orphans">Writes that nothing names.</param>
/// <param name="Disclosures">Whose time was over, or that never came to be.</param>
/// <param name="Encryption">What was rewritten under the present key.</param>
internal sealed record UpkeepRound(int Commands, int Packages, int Orphans, int Disclosures, EncryptionPass Encryption);

/// <summary>Soon after the start and then hourly: forgets command ids, packages and disclosures past their time, removes packages that no referral names, encrypts what is in clear or under an old key (or, where a person wants that, decrypts); in slices, so that nobody waits long behind it.</summary>
internal sealed partial class LedgerUpkeep(
    ReferralBook referrals, PackageVault vault, PackageRetention retention, LedgerOptions options, TimeProvider clock, ILogger<LedgerUpkeep> log,
    DisclosureBook? disclosures = null, SessionKeys? sessionKeys = null, RequisitionBook? requisitions = null,
    BulkBook? bulks = null) : BackgroundService
{
    /// <summary>How long a command's id and answer are kept (interfaces §4).</summary>
    public static readonly TimeSpan CommandsKept = TimeSpan.FromDays(14);

    /// <summary>How long a list that was acted on, or only previewed, can be looked at.</summary>
    public static readonly TimeSpan BulksKept = TimeSpan.FromDays(30);

    /// <summary>Longer than any step between the first chunk and the transition that names the package.</summary>
    public static readonly TimeSpan OrphansKept = TimeSpan.FromDays(1);

    private const int Slice = 500;
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly HashSet<string> _retirable = new(StringComparer.Ordinal);

    /// <summary>One round.</summary>
    public async Task<UpkeepRound> RunOnceAsync(CancellationToken cancellationToken)
    {
        int commands = 0, slice;
        do
        {
            slice = await referrals.PurgeCommandsAsync(clock.GetUtcNow() - CommandsKept, Slice, cancellationToken);
            commands += slice;
        }
        while (slice == Slice);

        var purged = await retention.PurgeAsync(clock.GetUtcNow() - options.Retention, cancellationToken);
        if (purged.Oldest is { } oldest)
        {
            Log.Purged(log, purged.Referrals, purged.Bytes, oldest);
        }

        // Before anything is copied: what is to go is not encrypted first.
        var orphans = await vault.PurgeOrphansAsync(OrphansKept, cancellationToken);
        _ = bulks is null ? 0 : await bulks.PurgeAsync(clock.GetUtcNow() - BulksKept, cancellationToken);
        var forgotten = disclosures is null ? 0 : await disclosures.PurgeAsync(clock.GetUtcNow() - options.DisclosureRetention, cancellationToken);
        if (forgotten > 0)
        {
            Log.Forgotten(log, forgotten);
        }

        var resealed = disclosures is null ? 0 : await disclosures.ResealAsync(cancellationToken);
        resealed += sessionKeys is null ? 0 : await sessionKeys.ResealAsync(cancellationToken);
        resealed += requisitions is null ? 0 : await requisitions.ResealAsync(cancellationToken);
        var encryption = await vault.EncryptOldAsync(cancellationToken);
        await TellOfKeysAsync(encryption, cancellationToken);
        if (purged.Referrals + orphans + forgotten + encryption.Rewritten + resealed > 0)
        {
            await vault.WipeAsync(cancellationToken);
        }

        return new(commands, purged.Referrals, orphans, forgotten, encryption);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Also where the process never lives an hour.
        using var timer = new PeriodicTimer(AfterStart, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            timer.Period = Interval;
            try
            {
                var done = await RunOnceAsync(stoppingToken);
                Log.Done(log, done.Commands, done.Packages, done.Orphans);
            }
            catch (LedgerUnavailableException exception)
            {
                Log.Put(log, exception.Code);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(log, exception.GetType().Name, exception.StackTrace);
            }
        }
    }

    private async Task TellOfKeysAsync(EncryptionPass encryption, CancellationToken cancellationToken)
    {
        if (encryption.Rewritten > 0 && options.Keys.Current is null)
        {
            Log.Decrypted(log, encryption.Rewritten);
        }
        else if (encryption.Rewritten > 0)
        {
            Log.Encrypted(log, encryption.Rewritten, options.Keys.Current);
        }

        if (encryption.Unreadable > 0)
        {
            Log.NotEncrypted(log, encryption.Unreadable);
        }

        var inUse = await vault.KeysInUseAsync(cancellationToken);
        foreach (var old in options.Keys.Ids.Where(id => id != options.Keys.Current))
        {
            if (inUse.ContainsKey(old))
            {
                _retirable.Remove(old);
            }
            else if (_retirable.Add(old))
            {
                Log.KeyRetirable(log, old);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6020, LogLevel.Debug, "Ledger upkeep removed command ids: {Commands}, packages past their time: {Packages}, orphaned writes: {Orphans}")]
        public static partial void Done(ILogger logger, int commands, int packages, int orphans);

        [LoggerMessage(6021, LogLevel.Warning, "Ledger upkeep put off ({Code}); it runs again in an hour")]
        public static partial void Put(ILogger logger, string code);

        [LoggerMessage(6022, LogLevel.Error, "Ledger upkeep failed with {ExceptionType}; it runs again in an hour.\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string exceptionType, string? stackTrace);

        [LoggerMessage(6023, LogLevel.Information, "Package parts that were in clear or under an old key and are encrypted with key {Key} now: {Parts}")]
        public static partial void Encrypted(ILogger logger, int parts, string? key);

        [LoggerMessage(6026, LogLevel.Information, "The packages of {Referrals} referrals ({Bytes} bytes) were deleted: their time (Vault:Retention) is over. The oldest had been at rest since {Oldest:u}")]
        public static partial void Purged(ILogger logger, int referrals, long bytes, DateTimeOffset oldest);

        [LoggerMessage(6028, LogLevel.Information, "{Disclosures} rows of the accounting of disclosures were deleted: their time (Vault:DisclosureRetention) is over, or their package was never delivered and is gone")]
        public static partial void Forgotten(ILogger logger, int disclosures);

        [LoggerMessage(6027, LogLevel.Warning, "{Parts} package parts that were encrypted are stored in clear now (Vault:InClear)")]
        public static partial void Decrypted(ILogger logger, int parts);

        [LoggerMessage(6024, LogLevel.Error,
            "{Parts} package parts could not be rewritten under the present key (or in clear) and stay as they are: their own key is not in Vault:KeyFile, or they are damaged (docs/runbook.md)")]
        public static partial void NotEncrypted(ILogger logger, int parts);

        [LoggerMessage(6025, LogLevel.Information,
            "No package is encrypted with key {Key} any more: once every replica runs with the same settings, it can be taken out of Vault:KeyFile. Backups made before now still need it")]
        public static partial void KeyRetirable(ILogger logger, string key);
    }
}
