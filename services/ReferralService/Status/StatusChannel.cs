using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.Status;

/// <summary>One connection with one confirming channel to exchange <c>referral.status</c>. Not mended when it breaks: thrown away.</summary>
internal sealed class StatusChannel : IAsyncDisposable
{
    /// <summary>The client's publish may hang past its token (a frozen broker, a restart), so the clock decides, not the client.</summary>
    public static readonly TimeSpan PublishCeiling = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CloseCeiling = TimeSpan.FromSeconds(2);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly TimeProvider _clock;

    private StatusChannel(IConnection connection, IChannel channel, TimeProvider clock) => (_connection, _channel, _clock) = (connection, channel, clock);

    public bool IsOpen => _connection.IsOpen && _channel.IsOpen;

    /// <summary>Connects and declares the exchange.</summary>
    public static async Task<StatusChannel> OpenAsync(ConnectionFactory factory, TimeProvider clock, CancellationToken cancellationToken)
    {
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            // No rate limiter: the relay bounds what is outstanding, and the client's default one slows down at half of its limit.
            var options = new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);
            var channel = await connection.CreateChannelAsync(options, cancellationToken);
            await channel.ExchangeDeclareAsync(StatusMessage.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            return new StatusChannel(connection, channel, clock);
        }
        catch
        {
            await AbandonAsync(connection, clock);
            throw;
        }
    }

    /// <summary>Publishes one message and waits for the broker's word, at most <see cref="PublishCeiling"/>. Many may be outstanding.</summary>
    public async Task<PublishFate> PublishAsync(StatusMessage message)
    {
        try
        {
            var confirmed = _channel.BasicPublishAsync(StatusMessage.Exchange, message.RoutingKey, mandatory: true, message.Properties, message.Body, CancellationToken.None).AsTask();
            FaultPoint.Hit("K14", message.Properties.CorrelationId);
            await confirmed.WaitAsync(PublishCeiling, _clock);
            return PublishFate.Confirmed;
        }
        catch (PublishException e)
        {
            return e.IsReturn ? PublishFate.Unrouted : PublishFate.Refused;
        }
        catch (Exception)
        {
            // A timeout, a closed channel, or one of the client's own faults: whichever it was, only sending it again under its id is sure.
            return PublishFate.Unknown;
        }
    }

    public async ValueTask DisposeAsync() => await AbandonAsync(_connection, _clock);

    /// <summary>Closes within a ceiling: towards a frozen broker the client's close hangs as well.</summary>
    private static async Task AbandonAsync(IConnection connection, TimeProvider clock)
    {
        try
        {
            await connection.AbortAsync(Constants.ReplySuccess, "", CloseCeiling).WaitAsync(CloseCeiling, clock);
            await connection.DisposeAsync().AsTask().WaitAsync(CloseCeiling, clock);
        }
        catch (Exception)
        {
            // It is given up either way; the broker ends its side when the heartbeat stays away.
        }
    }
}
