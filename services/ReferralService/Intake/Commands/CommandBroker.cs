using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.Intake.Commands;

/// <summary>The broker as the command reader needs it: connections and the two queues.</summary>
internal sealed class CommandBroker(BusOptions bus)
{
    public const string Commands = "referral.commands";
    public const string Rejected = "referral.commands.rejected";

    /// <summary>More than a broker lets a message be: a message too long for this client would end the connection, and again after each return.</summary>
    private const uint LongestMessage = 1 << 29;

    private readonly ConnectionFactory _factory = FactoryFor(bus);

    /// <summary>Connects and makes sure both queues are there.</summary>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = await _factory.CreateConnectionAsync(cancellationToken);
        try
        {
            await EnsureAsync(connection, Rejected, cancellationToken);
            await EnsureAsync(connection, Commands, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static ConnectionFactory FactoryFor(BusOptions bus)
    {
        var factory = BrokerConnection.Factory(bus.RabbitMq, "commands");
        factory.MaxInboundMessageBodySize = LongestMessage;
        return factory;
    }

    /// <summary>A queue that is there is taken as it is: an operator may have made it, or an older broker with other arguments.</summary>
    private static async Task EnsureAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            await using var asking = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await asking.QueueDeclarePassiveAsync(queue, cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            await using var declaring = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await declaring.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, ArgumentsFor(connection), cancellationToken: cancellationToken);
        }
    }

    /// <summary>Quorum, and a command is never dropped for having come back often: since RabbitMQ 4.0 that has to be said, before it could not be.</summary>
    private static Dictionary<string, object?> ArgumentsFor(IConnection connection)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        var version = connection.ServerProperties is { } told && told.TryGetValue("version", out var text) && text is byte[] bytes ? Encoding.ASCII.GetString(bytes) : "";
        if (int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) && major >= 4) arguments["x-delivery-limit"] = -1;
        return arguments;
    }
}
