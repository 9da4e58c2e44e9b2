namespace ReferralService.Ledger;

/// <summary>Keeps this replica on the roll and frees what dead ones held. For PostgreSQL: a SQLite file has one process, and its lock tells.</summary>
/// <remarks>
/// A database that was away has kept every replica from renewing: its return is no sign that any of them died. So only who has renewed in good time
/// for a whole <see cref="LedgerOptions.ReplicaTimeout"/>, and has thereby left the others the same time, calls another dead.
/// </remarks>
internal sealed partial class ReplicaKeeper(ReplicaRoll roll, WorkSignals work, LedgerOptions options, TimeProvider clock, ILogger<ReplicaKeeper> log) : BackgroundService
{
    private long _renewedAt = clock.GetTimestamp();
    private long _steadySince = clock.GetTimestamp();

    /// <summary>On the roll before any other room takes its first lease.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await roll.RenewAsync(options.ReplicaTimeout, cancellationToken);
        }
        catch (LedgerUnavailableException gone)
        {
            Log.Failed(log, gone.Code);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await roll.LeaveAsync(CancellationToken.None).WaitAsync(options.ReplicaTimeout, clock, cancellationToken);
        }
        catch (Exception failure) when (failure is LedgerUnavailableException or OperationCanceledException or TimeoutException)
        {
            Log.NotLeft(log, failure.GetType().Name);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.ReplicaTimeout / 4, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await TurnAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                Log.Failed(log, failure is LedgerUnavailableException gone ? gone.Code : failure.GetType().Name);
            }
        }
    }

    private async Task TurnAsync(CancellationToken stoppingToken)
    {
        await roll.RenewAsync(options.ReplicaTimeout, stoppingToken);
        if (clock.GetElapsedTime(_renewedAt) > options.ReplicaTimeout / 2)
        {
            _steadySince = clock.GetTimestamp();
        }

        _renewedAt = clock.GetTimestamp();
        if (clock.GetElapsedTime(_steadySince) >= options.ReplicaTimeout && await roll.FreeOfTheDeadAsync(stoppingToken) is > 0 and var dead)
        {
            Log.Freed(log, dead);
            work.SetAll();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6040, LogLevel.Warning, "Replicas that stopped giving signs of life: {Replicas}; what they held is taken up by the others")]
        public static partial void Freed(ILogger logger, int replicas);

        [LoggerMessage(6041, LogLevel.Warning, "This replica could not give its sign of life ({Reason})")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(6042, LogLevel.Warning, "This replica could not take leave of the ledger ({Reason}); what it held is free when its leases run out")]
        public static partial void NotLeft(ILogger logger, string reason);
    }
}
