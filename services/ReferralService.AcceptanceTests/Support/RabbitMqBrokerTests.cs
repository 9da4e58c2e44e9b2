using RabbitMQ.Client;

namespace ReferralService.AcceptanceTests.Support;

/// <summary>The instrument itself.</summary>
[TestFixture]
internal sealed class RabbitMqBrokerTests
{
    [Test]
    public async Task A_durable_message_outlives_the_broker_being_killed()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        var factory = new ConnectionFactory { Uri = broker.Address };
        await using (var connection = await factory.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            await channel.QueueDeclareAsync("kept", durable: true, exclusive: false, autoDelete: false);
            await channel.BasicPublishAsync("", "kept", true, new BasicProperties { Persistent = true }, "x"u8.ToArray());
            await broker.KillAsync();
        }

        await broker.StartAsync();

        await using var again = await factory.CreateConnectionAsync();
        await using var reader = await again.CreateChannelAsync();
        Assert.That(await reader.BasicGetAsync("kept", autoAck: true), Is.Not.Null);
    }
}
