using RabbitMQ.Client;

namespace ReferralService.Intake.Commands;

/// <summary>The broker as the command reader needs it: connections on which both queues are there.</summary>
internal sealed class CommandBroker(BusOptions bus, TimeProvider clock)
{
    private readonly ConnectionFactory _factory = BrokerConnection.Factory(bus.RabbitMq, "commands");

    /// <summary>Connects and makes sure both queues are there.</summary>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = await _factory.CreateConnectionAsync(cancellationToken);
        try
        {
            await BrokerQueues.EnsureRejectedAsync(connection, cancellationToken);
            await BrokerQueues.EnsureCommandsAsync(connection, cancellationToken);
            return connection;
        }
        catch
        {
            await LeaveAsync(connection);
            throw;
        }
    }

    public Task LeaveAsync(IConnection connection) => BrokerConnection.AbandonAsync(connection, clock);
}
