using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService;

/// <summary>The queues of this service at the broker. deploy/rabbitmq/definitions.json makes the same ones beforehand, with limits.</summary>
internal static class BrokerQueues
{
    public const string Commands = "referral.commands";
    public const string Rejected = "referral.commands.rejected";

    /// <summary>Status events that no queue was bound for.</summary>
    public const string Audit = "referral.status.audit";

    public const string PackageWakeUps = "referral.wake-ups.package";
    public const string DeliverWakeUps = "referral.wake-ups.deliver";

    /// <summary>Wake-ups that came back too often; only where deploy/rabbitmq/definitions.json made it.</summary>
    public const string DeadWakeUps = "referral.wake-ups.dead";

    /// <summary>Kept events that nobody reads must not fill the disk: the newest so many, some 70 MB.</summary>
    private const int AuditLength = 100_000;

    /// <summary>What a person should look into when it is not empty.</summary>
    public static readonly IReadOnlyList<string> ForPeople = [Rejected, DeadWakeUps];

    /// <summary>The exchanges of ours, each with its type, and whether the service insists on it.</summary>
    public static readonly IReadOnlyList<(string Name, string Type, bool Needed)> Exchanges =
        [("referral.status", ExchangeType.Topic, true), (PackageWakeUps, ExchangeType.Fanout, true), (DeliverWakeUps, ExchangeType.Fanout, true)];

    /// <summary>The queues of ours as they are declared there, and whether the service insists on that, or takes what it finds.</summary>
    public static IReadOnlyList<(string Name, Dictionary<string, object?> Arguments, bool Needed)> Queues(IConnection connection) =>
    [
        (Commands, Kept(connection), false), (Rejected, Kept(connection), false), (Audit, AuditArguments(), false),
        (PackageWakeUps, Quorum(), true), (DeliverWakeUps, Quorum(), true),
    ];

    public static Task EnsureCommandsAsync(IConnection connection, CancellationToken cancellationToken) => EnsureAsync(connection, Commands, Kept(connection), cancellationToken);

    public static Task EnsureRejectedAsync(IConnection connection, CancellationToken cancellationToken) => EnsureAsync(connection, Rejected, Kept(connection), cancellationToken);

    public static Task EnsureAuditAsync(IConnection connection, CancellationToken cancellationToken) => EnsureAsync(connection, Audit, AuditArguments(), cancellationToken);

    /// <summary>Declares what the bus of wake-ups will declare: there a difference would be found as well, but neither named nor got over.</summary>
    /// <exception cref="OperationInterruptedException">With AMQP's code: the queue is another kind of queue, or may not be used.</exception>
    public static async Task CheckWakeUpsAsync(ConnectionFactory factory, TimeProvider clock, CancellationToken cancellationToken)
    {
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            foreach (var name in (string[])[PackageWakeUps, DeliverWakeUps])
            {
                await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, Quorum(), cancellationToken: cancellationToken);
                await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
                await channel.QueueBindAsync(name, name, "", cancellationToken: cancellationToken);
            }
        }
        finally
        {
            await BrokerConnection.AbandonAsync(connection, clock);
        }
    }

    /// <summary>A queue that is there is taken as it is: an operator may have made it, or an older broker with other arguments.</summary>
    private static async Task EnsureAsync(IConnection connection, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using var asking = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await asking.QueueDeclarePassiveAsync(queue, cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            await using var declaring = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await declaring.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Never dropped for having come back often: since RabbitMQ 4.0 that has to be said, before it could not be.</summary>
    private static Dictionary<string, object?> Kept(IConnection connection) => MajorVersion(connection) >= 4 ? Quorum(("x-delivery-limit", -1)) : Quorum();

    private static Dictionary<string, object?> AuditArguments() => Quorum(("x-max-length", AuditLength), ("x-overflow", "drop-head"));

    private static Dictionary<string, object?> Quorum(params ReadOnlySpan<(string Name, object Value)> more)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        foreach (var (name, value) in more)
        {
            arguments[name] = value;
        }

        return arguments;
    }

    private static int MajorVersion(IConnection connection)
    {
        var version = connection.ServerProperties is { } told && told.TryGetValue("version", out var text) && text is byte[] bytes ? Encoding.ASCII.GetString(bytes) : "";
        return int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;
    }
}
