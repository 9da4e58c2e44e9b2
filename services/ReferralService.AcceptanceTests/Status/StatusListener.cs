using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>One message as a plain AMQP client receives it.</summary>
internal sealed record HeardEvent(string RoutingKey, IReadOnlyBasicProperties Properties, string Text)
{
    public JsonElement Body { get; } = JsonDocument.Parse(Text).RootElement;

    public string Id => Body.GetProperty("id").GetString()!;

    public string Referral => Body.GetProperty("subject").GetString()!;

    public int Sequence => Body.GetProperty("sequence").GetInt32();

    public string Type => Body.GetProperty("type").GetString()!;
}

/// <summary>A plain RabbitMQ.Client consumer of everything on referral.status, over a durable queue of its own; knows nothing of our records.</summary>
internal sealed class StatusListener : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly ConcurrentQueue<HeardEvent> _heard = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private StatusListener(IConnection connection) => _connection = connection;

    public IReadOnlyList<HeardEvent> Heard => [.. _heard];

    public static async Task<StatusListener> StartAsync(Uri broker)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = true, NetworkRecoveryInterval = TimeSpan.FromMilliseconds(500) };
        var listener = new StatusListener(await factory.CreateConnectionAsync());
        var channel = await listener._connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("referral.status", ExchangeType.Topic, durable: true);
        var queue = $"test-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}";
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-expires"] = 600_000 });
        await channel.QueueBindAsync(queue, "referral.status", "#");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            listener._heard.Enqueue(new HeardEvent(message.RoutingKey, new BasicProperties(message.BasicProperties), Encoding.UTF8.GetString(message.Body.Span)));
            listener._arrived.Release();
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        return listener;
    }

    /// <summary>Waits until so many different events of these referrals are here.</summary>
    public async Task<IReadOnlyList<HeardEvent>> WaitForAsync(IReadOnlyCollection<string> referrals, int events, TimeSpan ceiling)
    {
        using var limit = new CancellationTokenSource(ceiling);
        while (true)
        {
            var mine = _heard.Where(heard => referrals.Contains(heard.Referral)).ToList();
            if (mine.DistinctBy(heard => heard.Id).Count() >= events)
            {
                return mine;
            }

            try
            {
                await _arrived.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{mine.DistinctBy(heard => heard.Id).Count()} of {events} events within {ceiling}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _arrived.Dispose();
    }
}
