using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.Status;

/// <summary>One connection with one confirming channel to exchange <c>referral.status</c>. Not mended when it breaks: thrown away.</summary>
internal sealed class StatusChannel : IAsyncDisposable
{
    /// <summary>The client's publish may hang past its token (a frozen broker, a restart), so the clock decides, not the client.</summary>
    public static readonly TimeSpan PublishCeiling = TimeSpan.FromSeconds(10);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly TimeProvider _clock;
    private readonly Action<bool> _blockedChanged;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _blocked;

    private StatusChannel(IConnection connection, IChannel channel, Action<bool> blockedChanged, TimeProvider clock)
    {
        (_connection, _channel, _blockedChanged, _clock) = (connection, channel, blockedChanged, clock);
        connection.ConnectionBlockedAsync += (_, _) => BlockAsync();
        connection.ConnectionUnblockedAsync += (_, _) => UnblockAsync();
        // Whoever waits for the end of an alarm must hear that this connection will never tell it.
        channel.ChannelShutdownAsync += (_, _) => EndAsync();
        connection.ConnectionShutdownAsync += (_, _) => EndAsync();
        if (!IsOpen)
        {
            _gone.TrySetResult();
        }
    }

    /// <summary>Whether the broker has an alarm and takes no messages now.</summary>
    public bool IsBlocked => _blocked is not null;

    /// <summary>What the broker said when it closed the channel; null when it said nothing.</summary>
    public BrokerTrouble? Trouble => BrokerTrouble.Of(_channel.CloseReason ?? _connection.CloseReason);

    public bool IsOpen => _connection.IsOpen && _channel.IsOpen;

    /// <summary>Connects and declares the exchange, and the queue for what nobody listens to.</summary>
    /// <param name="blockedChanged">Called when the broker's alarm begins and when it ends.</param>
    public static async Task<StatusChannel> OpenAsync(ConnectionFactory factory, Action<bool> blockedChanged, TimeProvider clock, CancellationToken cancellationToken)
    {
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            // No rate limiter: the relay bounds what is outstanding, and the client's default one slows down at half of its limit.
            var options = new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);
            var channel = await connection.CreateChannelAsync(options, cancellationToken);
            await channel.ExchangeDeclareAsync(StatusMessage.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            await BrokerQueues.EnsureAuditAsync(connection, cancellationToken);
            return new StatusChannel(connection, channel, blockedChanged, clock);
        }
        catch
        {
            await BrokerConnection.AbandonAsync(connection, clock);
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
            return e.IsReturn ? await KeepAsync(message) : PublishFate.Refused;
        }
        catch (Exception)
        {
            // A timeout, a closed channel, or one of the client's own faults: whichever it was, only sending it again under its id is sure.
            return PublishFate.Unknown;
        }
    }

    /// <summary>Completes when the broker takes messages again, or the channel is gone.</summary>
    public Task UnblockedAsync(CancellationToken cancellationToken) => _blocked is { } blocked ? Task.WhenAny(blocked.Task, _gone.Task).WaitAsync(cancellationToken) : Task.CompletedTask;

    public async ValueTask DisposeAsync() => await BrokerConnection.AbandonAsync(_connection, _clock);

    /// <summary>Nobody was bound for it: kept where a person can look. In order as well, because the next event of the referral waits for this one.</summary>
    private async Task<PublishFate> KeepAsync(StatusMessage message)
    {
        var properties = new BasicProperties(message.Properties);
        properties.Headers = new Dictionary<string, object?>(properties.Headers ?? new Dictionary<string, object?>()) { ["routing-key"] = message.RoutingKey };
        try
        {
            await _channel.BasicPublishAsync("", BrokerQueues.Audit, mandatory: true, properties, message.Body, CancellationToken.None).AsTask().WaitAsync(PublishCeiling, _clock);
            return PublishFate.Unrouted;
        }
        catch (PublishException e) when (!e.IsReturn)
        {
            return PublishFate.Refused;
        }
        catch (Exception)
        {
            // The audit queue was deleted (a new channel declares it again), or as in PublishAsync.
            return PublishFate.Unknown;
        }
    }

    private Task BlockAsync()
    {
        _blocked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _blockedChanged(true);
        return Task.CompletedTask;
    }

    /// <summary>The alarm may go on: nobody is told that it ended.</summary>
    private Task EndAsync()
    {
        _gone.TrySetResult();
        return Task.CompletedTask;
    }

    private Task UnblockAsync()
    {
        if (Interlocked.Exchange(ref _blocked, null) is { } blocked)
        {
            blocked.TrySetResult();
            _blockedChanged(false);
        }

        return Task.CompletedTask;
    }
}
