using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.Status;

/// <summary>How the broker stands, as one sees who logs in beside a running service.</summary>
/// <param name="Version">As it tells; null before the login.</param>
/// <param name="Trouble">Why it cannot be used; null: it can.</param>
/// <param name="Remarks">It can be used, but.</param>
/// <param name="Missing">Names of ours that are not there yet; the service makes them.</param>
/// <param name="Waiting">Messages in queues that a person should look into.</param>
/// <param name="RoundTrip">A message of ours was confirmed and came back.</param>
internal sealed record BrokerCondition(
    string? Version, BrokerTrouble? Trouble, IReadOnlyList<BrokerTrouble> Remarks, IReadOnlyList<string> Missing, IReadOnlyDictionary<string, uint> Waiting, TimeSpan? RoundTrip);

/// <summary>Logs in, compares what is there with what the service declares, and sends a message to a queue that only it sees and that goes with it. Makes nothing that stays.</summary>
internal sealed class BrokerInspection(BusOptions bus, TimeProvider clock)
{
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(3);

    private readonly List<BrokerTrouble> _remarks = [];
    private readonly List<string> _missing = [];
    private readonly Dictionary<string, uint> _waiting = new(StringComparer.Ordinal);
    private BrokerTrouble? _trouble;
    private volatile bool _blocked;

    public async Task<BrokerCondition> LookAsync(CancellationToken cancellationToken)
    {
        string? version = null;
        TimeSpan? roundTrip = null;
        try
        {
            var connection = await BrokerConnection.Factory(bus.RabbitMq, "doctor").CreateConnectionAsync(cancellationToken);
            try
            {
                version = Told(connection, "version");
                connection.ConnectionBlockedAsync += (_, _) => Blocked();
                await CompareAsync(connection, cancellationToken);
                roundTrip = await SendAsync(connection, cancellationToken);
            }
            finally
            {
                await BrokerConnection.AbandonAsync(connection, clock);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _trouble ??= _blocked ? BrokerTrouble.Blocked : BrokerTrouble.Of(e);
        }

        return new(version, _trouble, _remarks, _missing, _waiting, roundTrip);
    }

    private Task Blocked()
    {
        _blocked = true;
        return Task.CompletedTask;
    }

    private async Task CompareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        foreach (var (name, type, needed) in BrokerQueues.Exchanges)
        {
            await LookAtAsync(connection, name, needed, channel => channel.ExchangeDeclarePassiveAsync(name, cancellationToken),
                channel => channel.ExchangeDeclareAsync(name, type, durable: true, autoDelete: false, cancellationToken: cancellationToken), cancellationToken);
        }

        foreach (var (name, arguments, needed) in BrokerQueues.Queues(connection))
        {
            await LookAtAsync(connection, name, needed, channel => channel.QueueDeclarePassiveAsync(name, cancellationToken), channel => channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken), cancellationToken);
        }

        foreach (var name in BrokerQueues.ForPeople)
        {
            await CountAsync(connection, name, cancellationToken);
        }
    }

    private async Task CountAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            var there = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            if (there.MessageCount > 0) _waiting[queue] = there.MessageCount;
        }
        catch (OperationInterruptedException)
        {
            // Not there, or not ours to see: then nobody put anything into it that we could tell of.
        }
    }

    /// <summary>A passive declaration finds it, an active one compares: it changes nothing where both are the same, and is refused where they are not. Each refusal costs its channel.</summary>
    /// <param name="needed">The service insists on how it is made; else it takes what it finds.</param>
    private async Task LookAtAsync(IConnection connection, string name, bool needed, Func<IChannel, Task> find, Func<IChannel, Task> compare, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await find(channel);
            await compare(channel);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            _missing.Add(name);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.PreconditionFailed && !needed)
        {
            _remarks.Add(BrokerTrouble.Of(e));
        }
        catch (OperationInterruptedException e)
        {
            _trouble ??= BrokerTrouble.Of(e);
        }
    }

    /// <summary>Under a name that the rights of deploy/rabbitmq/definitions.json allow.</summary>
    private async Task<TimeSpan> SendAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var channel = await connection.CreateChannelAsync(confirmed, cancellationToken);
        var queue = $"referral.doctor.{Guid.CreateVersion7(clock.GetUtcNow()):N}";
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
        await channel.BasicPublishAsync("", queue, mandatory: true, ReadOnlyMemory<byte>.Empty, cancellationToken).AsTask().WaitAsync(ConfirmWithin, clock, cancellationToken);
        if (await channel.BasicGetAsync(queue, autoAck: true, cancellationToken) is null)
        {
            throw new TimeoutException();
        }

        return clock.GetElapsedTime(began);
    }

    private static string? Told(IConnection connection, string property)
        => connection.ServerProperties is { } told && told.TryGetValue(property, out var text) && text is byte[] bytes
            ? string.Concat(Encoding.ASCII.GetString(bytes).Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+').Take(20))
            : null;
}
