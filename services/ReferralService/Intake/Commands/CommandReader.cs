using ReferralService.Ledger;

namespace ReferralService.Intake.Commands;

/// <summary>Reads queue <c>referral.commands</c> as long as the process lives; comes back by itself after the broker or the ledger was away.</summary>
internal sealed partial class CommandReader(CommandBroker broker, CommandHandler handler, LedgerDatabase ledger, TimeProvider time, ILogger<CommandReader> logger)
    : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Others start meanwhile: a broker that is away must not hold up the host.
        await Task.Yield();
        var pause = ShortestPause;
        string? trouble = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            string next;
            try
            {
                await ledger.CheckWritableAsync(stoppingToken);
                await using var connection = await broker.ConnectAsync(stoppingToken);
                var session = new CommandSession(handler, time, logger);
                next = (await session.RunAsync(connection, stoppingToken)).ToString();
                (pause, trouble) = (ShortestPause, null);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                next = e is LedgerUnavailableException unavailable ? unavailable.Code : e.GetType().Name;
            }
            catch (Exception)
            {
                // Whatever a broken-off connection throws while the process ends.
                return;
            }

            if (stoppingToken.IsCancellationRequested) return;
            // Said once for each kind of trouble, not once for each try.
            if (next != trouble) Log.Paused(logger, CommandBroker.Commands, next);
            trouble = next;
            try
            {
                await Task.Delay(pause, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1051, LogLevel.Warning, "Commands are not read from {Queue} now ({Trouble}); they wait there, and it is tried again.")]
        public static partial void Paused(ILogger logger, string queue, string trouble);
    }
}
