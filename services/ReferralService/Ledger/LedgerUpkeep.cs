namespace ReferralService.Ledger;

/// <summary>Hourly: forgets command ids past their time and packages that no referral names, in slices so that nobody waits long behind it.</summary>
internal sealed partial class LedgerUpkeep(ReferralBook referrals, PackageVault vault, TimeProvider clock, ILogger<LedgerUpkeep> log) : BackgroundService
{
    /// <summary>How long a command's id and answer are kept (interfaces §4).</summary>
    public static readonly TimeSpan CommandsKept = TimeSpan.FromDays(14);

    /// <summary>Longer than any step between the first chunk and the transition that names the package.</summary>
    public static readonly TimeSpan OrphansKept = TimeSpan.FromDays(1);

    private const int Slice = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>One round; how much it removed.</summary>
    public async Task<(int Commands, int Packages)> RunOnceAsync(CancellationToken cancellationToken)
    {
        int commands = 0, slice;
        do
        {
            slice = await referrals.PurgeCommandsAsync(clock.GetUtcNow() - CommandsKept, Slice, cancellationToken);
            commands += slice;
        }
        while (slice == Slice);
        return (commands, await vault.PurgeOrphansAsync(OrphansKept, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var (commands, packages) = await RunOnceAsync(stoppingToken);
                Log.Done(log, commands, packages);
            }
            catch (LedgerUnavailableException exception)
            {
                Log.Put(log, exception.Code);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(log, exception.GetType().Name, exception.StackTrace);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6020, LogLevel.Debug, "Ledger upkeep: {Commands} command ids and {Packages} orphaned packages removed")]
        public static partial void Done(ILogger logger, int commands, int packages);

        [LoggerMessage(6021, LogLevel.Warning, "Ledger upkeep put off ({Code}); it runs again in an hour")]
        public static partial void Put(ILogger logger, string code);

        [LoggerMessage(6022, LogLevel.Error, "Ledger upkeep failed with {ExceptionType}; it runs again in an hour.\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string exceptionType, string? stackTrace);
    }
}
