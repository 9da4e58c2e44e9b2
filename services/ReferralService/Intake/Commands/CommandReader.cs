using ReferralService.Ledger;

namespace ReferralService.Intake.Commands;

/// <summary>Reads queue <c>referral.commands</c> as long as the process lives; comes back by itself after the broker or the ledger was away.</summary>
internal sealed partial class CommandReader(
    CommandBroker broker, CommandHandler handler, LedgerDatabase ledger, BrokerTroubles troubles, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<CommandReader> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ListeningAsync(stoppingToken))
        {
            return;
        }

        var pause = ShortestPause;
        string? said = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            string code;
            BrokerTrouble? trouble = null;
            try
            {
                await ledger.CheckWritableAsync(stoppingToken);
                var began = time.GetTimestamp();
                (code, trouble) = await ReadAsync(stoppingToken);
                pause = ShortestPause;
                // What ends each session soon after it began is one trouble that goes on.
                if (time.GetElapsedTime(began) > LongestPause) said = null;
            }
            catch (LedgerUnavailableException unavailable)
            {
                code = unavailable.Code;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                trouble = BrokerTrouble.Of(e);
                code = trouble.Code;
            }
            catch (Exception)
            {
                // Whatever a broken-off connection throws while the process ends.
                return;
            }

            troubles.Tell(BrokerUse.Commands, trouble);
            if (stoppingToken.IsCancellationRequested) return;
            // Said once for each kind of trouble, not once for each try.
            if (code != said) Log.Paused(logger, BrokerQueues.Commands, code, trouble?.Fix ?? "docs/runbook.md says what to do");
            said = code;
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

    /// <summary>One connection's worth: why it ended, and what is wrong with the broker if that was why.</summary>
    private async Task<(string Code, BrokerTrouble? Trouble)> ReadAsync(CancellationToken stoppingToken)
    {
        var connection = await broker.ConnectAsync(stoppingToken);
        try
        {
            troubles.Tell(BrokerUse.Commands, null);
            var session = new CommandSession(handler, time, logger);
            var end = await session.RunAsync(connection, stoppingToken);
            return end switch
            {
                SessionEnd.BrokerLost => ("broker-lost", session.Trouble ?? BrokerTrouble.Unreachable),
                SessionEnd.BrokerSilent => ("broker-silent", session.IsBlocked ? BrokerTrouble.Blocked : BrokerTrouble.Silent),
                SessionEnd.RejectedFull => ("broker-rejected-full", BrokerTrouble.RejectedFull),
                _ => (end.ToString(), null),
            };
        }
        finally
        {
            await broker.LeaveAsync(connection);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1051, LogLevel.Warning, "Commands are not read from {Queue} now ({Trouble}); they wait there, and it is tried again. {Fix}.")]
        public static partial void Paused(ILogger logger, string queue, string trouble, string fix);
    }
}
