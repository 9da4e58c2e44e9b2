using System.Collections.Concurrent;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ReferralService.Sandbox.Demo;

/// <summary>A status event as a plain AMQP client gets it.</summary>
internal sealed record ReceivedEvent(string RoutingKey, string ReferralId, int Sequence, string Id);

/// <summary>A consumer that knows RabbitMQ and nothing of the service: its own queue on <c>referral.status</c>, all routing keys.</summary>
internal sealed class StatusListener : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly ConcurrentQueue<ReceivedEvent> _received = new();

    private StatusListener(IConnection connection) => _connection = connection;

    public IReadOnlyList<ReceivedEvent> Received => [.. _received];

    /// <exception cref="DemoFailure">The broker cannot be used.</exception>
    public static async Task<StatusListener> StartAsync(Uri broker, Action<ReceivedEvent> tell, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "referral demo, listener", RequestedConnectionTimeout = TimeSpan.FromSeconds(10) }.CreateConnectionAsync(cancellationToken);
            var listener = new StatusListener(connection);
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            // The same declaration as the service's, so that whoever comes first makes it.
            await channel.ExchangeDeclareAsync("referral.status", ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            var queue = await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(queue.QueueName, "referral.status", "#", cancellationToken: cancellationToken);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                using var body = JsonDocument.Parse(delivery.Body);
                var received = new ReceivedEvent(
                    delivery.RoutingKey, delivery.BasicProperties.CorrelationId ?? "", body.RootElement.GetProperty("sequence").GetInt32(), delivery.BasicProperties.MessageId ?? "");
                listener._received.Enqueue(received);
                tell(received);
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, cancellationToken);
            return listener;
        }
        catch (RabbitMQ.Client.Exceptions.BrokerUnreachableException)
        {
            throw new DemoFailure($"The broker at {broker.Host}:{broker.Port} cannot be reached, or refuses this user.");
        }
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
