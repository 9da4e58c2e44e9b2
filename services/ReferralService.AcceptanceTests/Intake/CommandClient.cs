using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Intake;

/// <summary>A plain AMQP client that sends commands and hears the answers in a private queue of its own.</summary>
internal sealed class CommandClient : IAsyncDisposable
{
    public const string Commands = "referral.commands";
    public const string Rejected = "referral.commands.rejected";

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _awaited = new();
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private string _answers = "";

    private CommandClient(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Name of the private queue.</summary>
    public string Answers => _answers;

    public static Task<CommandClient> ConnectAsync(RabbitMqBroker broker) => ConnectAsync(broker.Address);

    public static async Task<CommandClient> ConnectAsync(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var client = new CommandClient(connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true)));
        client._answers = (await client._channel.QueueDeclareAsync()).QueueName;
        var consumer = new AsyncEventingBasicConsumer(client._channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            client.Awaited(message.BasicProperties.CorrelationId!).TrySetResult(JsonDocument.Parse(message.Body.ToArray()).RootElement);
            return Task.CompletedTask;
        };
        await client._channel.BasicConsumeAsync(client._answers, autoAck: true, consumer);
        await client.WaitForQueueAsync();
        return client;
    }

    /// <summary>The queue is there only once the reader has been.</summary>
    private async Task WaitForQueueAsync()
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (true)
        {
            try
            {
                await CountAsync(Commands);
                return;
            }
            catch (OperationInterruptedException) when (!ceiling.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    public async Task<JsonElement> AskAsync(string body, string? replyTo = null)
    {
        var correlation = await SendAsync(body, replyTo ?? _answers);
        return await AnswerAsync(correlation);
    }

    public Task<JsonElement> AnswerAsync(string correlation) => Awaited(correlation).Task.WaitAsync(Ceiling);

    /// <summary>Sends; returns the correlation id.</summary>
    public async Task<string> SendAsync(string body, string? replyTo)
    {
        var correlation = $"c-{Guid.CreateVersion7()}";
        var properties = new BasicProperties { CorrelationId = correlation, ReplyTo = replyTo, ContentType = "application/json", Persistent = true };
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (true)
        {
            try
            {
                await _channel.BasicPublishAsync("", Commands, mandatory: true, properties, Encoding.UTF8.GetBytes(body), ceiling.Token);
                return correlation;
            }
            catch (PublishException refused) when (!refused.IsReturn && !ceiling.IsCancellationRequested)
            {
                // A quorum queue that has just come back has no leader yet.
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    /// <summary>The next message in referral.commands.rejected: its body, reason and correlation id.</summary>
    public async Task<(string Body, string? Reason, string? Correlation)> NextRejectedAsync()
    {
        var next = new TaskCompletionSource<(string, string?, string?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, 1, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            var reason = message.BasicProperties.Headers?["reason"] is byte[] text ? Encoding.UTF8.GetString(text) : null;
            var read = (Encoding.UTF8.GetString(message.Body.Span), reason, message.BasicProperties.CorrelationId);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
            next.TrySetResult(read);
        };
        await channel.BasicConsumeAsync(Rejected, autoAck: false, consumer);
        return await next.Task.WaitAsync(Ceiling);
    }

    public async Task<uint> CountAsync(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync();
        await _connection.DisposeAsync();
    }

    private TaskCompletionSource<JsonElement> Awaited(string correlation)
        => _awaited.GetOrAdd(correlation, _ => new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously));
}
