using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.Status;

/// <summary>Finds the way to the broker again and again: waits between tries, says once that it is away and once that it is back.</summary>
internal sealed partial class StatusBroker(ConnectionFactory factory, TimeProvider clock, ILogger<StatusBroker> logger)
{
    /// <summary>Between tries; growing, so that a fleet does not keep a starting broker busy with handshakes.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan OpenCeiling = TimeSpan.FromSeconds(30);

    private bool _awaySaid;

    /// <summary>Tries until it is connected.</summary>
    public async Task<StatusChannel> ConnectAsync(CancellationToken cancellationToken)
    {
        for (var pause = ShortestPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                var channel = await OpenAsync(cancellationToken);
                if (_awaySaid)
                {
                    Log.Back(logger);
                    _awaySaid = false;
                }

                return channel;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (!_awaySaid)
                {
                    Log.Away(logger, Cause(e));
                    _awaySaid = true;
                }
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private async Task<StatusChannel> OpenAsync(CancellationToken cancellationToken)
    {
        using var ceiling = new CancellationTokenSource(OpenCeiling, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ceiling.Token, cancellationToken);
        return await StatusChannel.OpenAsync(factory, clock, either.Token);
    }

    /// <summary>Kind and AMQP code only: the client's texts name hosts and users.</summary>
    private static string Cause(Exception e) => e switch
    {
        BrokerUnreachableException { InnerException: { } inner } => inner is AggregateException { InnerException: { } first } ? first.GetType().Name : inner.GetType().Name,
        OperationInterruptedException { ShutdownReason: { } reason } => $"AMQP {reason.ReplyCode}",
        _ => e.GetType().Name,
    };

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Warning, "The broker cannot be reached ({Cause}); status events wait in the outbox, everything else goes on")]
        public static partial void Away(ILogger logger, string cause);

        [LoggerMessage(7002, LogLevel.Information, "The broker is back; waiting status events are sent")]
        public static partial void Back(ILogger logger);
    }
}
