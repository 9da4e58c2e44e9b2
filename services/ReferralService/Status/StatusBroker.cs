using RabbitMQ.Client;

namespace ReferralService.Status;

/// <summary>Finds the way to the broker again and again: waits between tries, says why it is away, once for each reason, and once that it is back.</summary>
internal sealed partial class StatusBroker(ConnectionFactory factory, BrokerTroubles troubles, TimeProvider clock, ILogger<StatusBroker> logger)
{
    /// <summary>Between tries; growing, so that a fleet does not keep a starting broker busy with handshakes.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan OpenCeiling = TimeSpan.FromSeconds(30);

    private bool _away;

    /// <summary>Tries until it is connected.</summary>
    /// <param name="blockedChanged">As of <see cref="StatusChannel.OpenAsync"/>.</param>
    public async Task<StatusChannel> ConnectAsync(Action<bool> blockedChanged, CancellationToken cancellationToken)
    {
        for (var pause = ShortestPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                var channel = await OpenAsync(blockedChanged, cancellationToken);
                if (_away)
                {
                    Log.Back(logger);
                    _away = false;
                }

                return channel;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                var trouble = BrokerTrouble.Of(e);
                if (troubles.Tell(BrokerUse.Events, trouble) || !_away)
                {
                    Log.Away(logger, trouble.Code, trouble.Fix);
                    _away = true;
                }
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private async Task<StatusChannel> OpenAsync(Action<bool> blockedChanged, CancellationToken cancellationToken)
    {
        using var ceiling = new CancellationTokenSource(OpenCeiling, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ceiling.Token, cancellationToken);
        return await StatusChannel.OpenAsync(factory, blockedChanged, clock, either.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Warning, "Status events cannot be sent ({Code}); they wait in the outbox, everything else goes on. {Fix}")]
        public static partial void Away(ILogger logger, string code, string fix);

        [LoggerMessage(7002, LogLevel.Information, "The broker is back; waiting status events are sent")]
        public static partial void Back(ILogger logger);
    }
}
