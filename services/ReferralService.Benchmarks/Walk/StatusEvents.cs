using System.Buffers.Text;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using ReferralService.Contracts;
using ReferralService.Status;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Hears every status event from a durable queue, as a subscriber would: an event that is here was confirmed to the service, or is about to be.</summary>
internal sealed class StatusEvents : IEndings
{
    private const ushort Prefetch = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Heard> _heard = [];
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _queue = $"benchmark.{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
    private TaskCompletionSource _ended = New();

    private StatusEvents(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<StatusEvents> BindAsync(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var events = new StatusEvents(connection, channel);
        await channel.ExchangeDeclareAsync(StatusMessage.Exchange, ExchangeType.Topic, durable: true, autoDelete: false);
        await channel.QueueDeclareAsync(events._queue, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(events._queue, StatusMessage.Exchange, "referral.#");
        await channel.BasicQosAsync(0, Prefetch, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += events.HearAsync;
        await channel.BasicConsumeAsync(events._queue, autoAck: false, consumer);
        return events;
    }

    public async Task<IReadOnlyList<double>> AllAsync(IReadOnlyCollection<Guid> referrals, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                next = _ended.Task;
                if (referrals.All(id => _heard.TryGetValue(id, out var heard) && heard.IsThrough(id))) break;
            }

            await next.WaitAsync(cancellationToken);
        }

        lock (_gate)
        {
            List<double> took = [.. referrals.Select(id => _heard[id].Took(id))];
            foreach (var id in referrals) _heard.Remove(id);
            return took;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.QueueDeleteAsync(_queue);
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task HearAsync(object sender, BasicDeliverEventArgs message)
    {
        Note(Guid.Parse(message.BasicProperties.CorrelationId!), message.BasicProperties.Type!, message.Body.Span);
        await _channel.BasicAckAsync(message.DeliveryTag, multiple: false);
    }

    private void Note(Guid referral, string type, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            if (!_heard.TryGetValue(referral, out var heard)) _heard[referral] = heard = new Heard();
            if (!Utf8Parser.TryParse(After(body, "\"sequence\":"u8), out int sequence, out _)) throw new BrokenRunException($"An event of referral {referral} has no sequence.");
            heard.Sequences.Add(sequence);
            var time = DateTimeOffset.Parse(Encoding.ASCII.GetString(Text(After(body, "\"time\":\""u8))), System.Globalization.CultureInfo.InvariantCulture);
            if (sequence == 1) heard.Received = time;
            if (type is not (EventTypes.Prefix + "delivered" or EventTypes.Prefix + "held" or EventTypes.Prefix + "failed")) return;
            (heard.End, heard.Ended, heard.Last) = (type, time, sequence);
            Interlocked.Exchange(ref _ended, New()).TrySetResult();
        }
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> body, ReadOnlySpan<byte> member) => body[(body.IndexOf(member) + member.Length)..];

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> from) => from[..from.IndexOf((byte)'"')];

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Heard
    {
        public HashSet<int> Sequences { get; } = [];

        public DateTimeOffset Received { get; set; }

        public DateTimeOffset Ended { get; set; }

        /// <summary>Type of the event that ended it; null: it is on its way.</summary>
        public string? End { get; set; }

        public int Last { get; set; }

        public bool IsThrough(Guid id)
            => End is null or EventTypes.Prefix + "delivered" ? End is not null : throw new BrokenRunException($"Referral {id} ended as {End}.");

        /// <summary>Milliseconds by the service's own clock; every event up to the last must have come before it.</summary>
        public double Took(Guid id)
            => Sequences.Count == Last ? (Ended - Received).TotalMilliseconds : throw new BrokenRunException($"Of referral {id} {Sequences.Count} of {Last} events came.");
    }
}
