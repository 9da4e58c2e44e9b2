using System.Text;
using RabbitMQ.Client;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>A plain client at a broker: publishes anything, counts and takes what lies in queues.</summary>
internal sealed class BrokerView : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private readonly IConnection _connection;

    private BrokerView(IConnection connection) => _connection = connection;

    public static async Task<BrokerView> ConnectAsync(Uri broker)
        => new(await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false, ClientProvidedName = "looking on" }.CreateConnectionAsync());

    /// <summary>Does something on a channel of its own: a refused declaration closes it.</summary>
    public async Task DoAsync(Func<IChannel, Task> what)
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await what(channel);
    }

    public Task PublishAsync(string queue, byte[] body, BasicProperties? properties = null)
        => DoAsync(async channel => await channel.BasicPublishAsync("", queue, mandatory: true, properties ?? new BasicProperties { Persistent = true }, body));

    public Task PublishAsync(string queue, string body, BasicProperties? properties = null) => PublishAsync(queue, Encoding.UTF8.GetBytes(body), properties);

    /// <summary>A queue of the test's own.</summary>
    public async Task<string> OwnQueueAsync()
    {
        var name = $"own-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        await DoAsync(channel => channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-expires"] = 600_000 }));
        return name;
    }

    /// <summary>Ready messages; null: there is no such queue.</summary>
    public async Task<uint?> CountAsync(string queue)
    {
        try
        {
            uint count = 0;
            await DoAsync(async channel => count = (await channel.QueueDeclarePassiveAsync(queue)).MessageCount);
            return count;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return null;
        }
    }

    /// <summary>The next message; waits for it.</summary>
    public async Task<BasicGetResult> TakeAsync(string queue)
    {
        BasicGetResult? taken = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                await DoAsync(async channel => taken = await channel.BasicGetAsync(queue, autoAck: true));
                return taken is not null;
            },
            $"a message in {queue}",
            Ceiling);
        return taken!;
    }

    /// <summary>Waits until somebody reads this queue.</summary>
    public Task UntilConsumedAsync(string queue) => Eventually.HoldsAsync(
        async () =>
        {
            uint consumers = 0;
            if (await CountAsync(queue) is not null)
            {
                await DoAsync(async channel => consumers = (await channel.QueueDeclarePassiveAsync(queue)).ConsumerCount);
            }

            return consumers > 0;
        },
        $"somebody reads {queue}",
        Ceiling);

    public Task UntilCountAsync(string queue, uint count) => Eventually.HoldsAsync(async () => await CountAsync(queue) == count, $"{count} messages in {queue}", Ceiling);

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}

internal static class Eventually
{
    public static async Task HoldsAsync(Func<Task<bool>> holds, string what, TimeSpan ceiling)
    {
        using var limit = new CancellationTokenSource(ceiling);
        while (!await holds())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"not within {ceiling}: {what}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }
}
