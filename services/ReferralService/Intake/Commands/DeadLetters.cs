using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ReferralService.Intake.Commands;

/// <summary>Looks into the queue of rejected commands and takes single ones out of it. Whatever is not taken goes back to where it was when the look ends, also when the process dies meanwhile.</summary>
internal sealed class DeadLetters(BusOptions bus, TimeProvider time) : IDisposable
{
    /// <summary>So many are looked through for one; what is behind them comes to the front when these are dealt with.</summary>
    public const int MostLookedAt = 500;

    /// <summary>Bodies come with the messages: no more of them than this in one look.</summary>
    private const long MostBytes = 32 << 20;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);

    /// <summary>Letters that another replica is looking at are in nobody's sight until it lets go, and it does within a second or so: nothing found is looked for again so often.</summary>
    private const int Looks = 5;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(400);

    /// <summary>Two looks at once would each see what the other does not hold.</summary>
    private readonly SemaphoreSlim _one = new(1, 1);

    private readonly ConnectionFactory? _factory = bus.Transport == BusTransport.RabbitMq ? BrokerConnection.Factory(bus.RabbitMq, "dead letters") : null;

    private enum Fate { Left, Removed, Stop }

    /// <summary>False: there is no broker, so there are no dead letters.</summary>
    public bool HaveBroker => _factory is not null;

    /// <exception cref="DeadLettersAwayException">The broker does not answer, or not so.</exception>
    public Task<DeadLetterLook> LookAsync(int most, CancellationToken cancellationToken) => OnBrokerAsync(
        async (connection, token) =>
        {
            var counts = (Rejected: await CountAsync(connection, BrokerQueues.Rejected, token) ?? 0, WakeUps: await CountAsync(connection, BrokerQueues.DeadWakeUps, token));
            var found = new List<DeadLetter>();
            await WalkAsync(connection, Math.Min(most, counts.Rejected), (_, message) =>
            {
                found.Add(DeadLetter.Of(message));
                return Task.FromResult(Fate.Left);
            }, token);
            return new DeadLetterLook(counts.Rejected, counts.WakeUps, found);
        },
        cancellationToken);

    /// <summary>The body of one; null when it is not there any more.</summary>
    /// <exception cref="DeadLettersAwayException">The broker does not answer, or not so.</exception>
    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken) => OnBrokerAsync(
        async (connection, token) =>
        {
            byte[]? body = null;
            await AgainAsync(async () =>
            {
                await WalkAsync(connection, MostLookedAt, (_, message) =>
                {
                    if (DeadLetter.Of(message).Key != key) return Task.FromResult(Fate.Left);
                    body = message.Body.ToArray();
                    return Task.FromResult(Fate.Stop);
                }, token);
                return body is not null;
            }, token);
            return body;
        },
        cancellationToken);

    /// <summary>Puts them back into the queue of commands, as they came. One is acknowledged only when the broker has it there: it is never lost, at worst there twice, and the second of a command is answered like the first.</summary>
    /// <param name="meant">Which of those that are looked at.</param>
    /// <returns>How many.</returns>
    /// <exception cref="DeadLettersAwayException">The broker does not answer, or not so; those counted before are back in the queue all the same.</exception>
    public Task<int> ReingestAsync(Func<DeadLetter, bool> meant, CancellationToken cancellationToken) => RemoveAsync(
        meant,
        (channel, message, token) => channel.BasicPublishAsync("", BrokerQueues.Commands, mandatory: true, AsItCame(message.BasicProperties), message.Body, token).AsTask(),
        cancellationToken);

    /// <summary>Throws one away.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="DeadLettersAwayException">The broker does not answer, or not so.</exception>
    public Task<int> DeleteAsync(string key, CancellationToken cancellationToken) => RemoveAsync(letter => letter.Key == key, (_, _, _) => Task.CompletedTask, cancellationToken, mostRemoved: 1);

    public void Dispose() => _one.Dispose();

    private Task<int> RemoveAsync(
        Func<DeadLetter, bool> meant, Func<IChannel, BasicGetResult, CancellationToken, Task> before, CancellationToken cancellationToken, int mostRemoved = int.MaxValue)
        => OnBrokerAsync(
            async (connection, token) =>
            {
                var removed = 0;
                await AgainAsync(async () =>
                {
                    // No more than were there: what is put back and cannot be read comes here again.
                    var there = await CountAsync(connection, BrokerQueues.Rejected, token) ?? 0;
                    await WalkAsync(connection, Math.Min(there, MostLookedAt), async (channel, message) =>
                    {
                        if (!meant(DeadLetter.Of(message))) return Fate.Left;
                        await before(channel, message, token);
                        return ++removed == mostRemoved ? Fate.Stop : Fate.Removed;
                    }, token, removesAtStop: true);
                    return removed > 0;
                }, token);
                return removed;
            },
            cancellationToken);

    /// <param name="look">Whether it found what it looked for.</param>
    private async Task AgainAsync(Func<Task<bool>> look, CancellationToken cancellationToken)
    {
        for (var left = Looks; !await look() && --left > 0;)
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }
    }

    /// <summary>Takes one after the other, keeps hold of all, and lets go of those that are left at the end; the broker does that itself when this process dies.</summary>
    private static async Task WalkAsync(
        IConnection connection, int most, Func<IChannel, BasicGetResult, Task<Fate>> visit, CancellationToken cancellationToken, bool removesAtStop = false)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var bytes = 0L;
        for (var looked = 0; looked < most && bytes < MostBytes; looked++)
        {
            if (await channel.BasicGetAsync(BrokerQueues.Rejected, autoAck: false, cancellationToken) is not { } message) break;
            bytes += message.Body.Length;
            var fate = await visit(channel, message);
            if (fate == Fate.Removed || (fate == Fate.Stop && removesAtStop)) await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
            if (fate == Fate.Stop) break;
        }

        // Tag 0: all that are held. Said before the channel closes, so that whoever looks next finds them; left to the closing they come back some time later.
        if (bytes > 0) await channel.BasicNackAsync(0, multiple: true, requeue: true, cancellationToken);
    }

    private async Task<T> OnBrokerAsync<T>(Func<IConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (_factory is null) throw new InvalidOperationException("no-broker");
        await _one.WaitAsync(cancellationToken);
        using var late = new CancellationTokenSource(Within, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        IConnection? connection = null;
        try
        {
            connection = await _factory.CreateConnectionAsync(limit.Token);
            return await work(connection, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeadLettersAwayException(e is PublishException ? BrokerTrouble.Refusing : BrokerTrouble.Of(e));
        }
        finally
        {
            if (connection is not null) await BrokerConnection.AbandonAsync(connection, time);
            _one.Release();
        }
    }

    private static async Task<int?> CountAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        // Its own channel: the broker closes it when there is no such queue.
        await using var asking = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return (int)(await asking.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    private static BasicProperties AsItCame(IReadOnlyBasicProperties properties)
        => new() { ContentType = properties.ContentType, CorrelationId = properties.CorrelationId, MessageId = properties.MessageId, Persistent = true };
}
