using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using ReferralService.Benchmarks.Report;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Status;

namespace ReferralService.Benchmarks.Parts;

/// <summary>Events per second from the outbox to the broker (claimed, published, confirmed, forgotten) against the plain client publishing the same bytes.</summary>
internal static class RelayFigures
{
    /// <summary>As many as the relay has: <see cref="StatusRelay"/> has two rounds of half so many referrals under way.</summary>
    private const int Outstanding = 128;

    private static readonly Uri Ehr = new("https://ehr.example.org/fhir");
    private static readonly CancellationToken None = CancellationToken.None;

    public static async Task FindAsync(Choices choices, Servers servers, Findings findings)
    {
        var broker = await servers.BrokerAsync();
        int events = choices.Quick ? 3_000 : 10_000;
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var heard = await Counter.BindAsync(connection);
        var (relay, raw) = (new List<double>(), new List<double>());
        for (int round = -1; round < choices.Rounds; round++)
        {
            await using var rooms = await Rooms.OpenAsync(null, broker);
            await FillAsync(rooms.Referrals, events);
            heard.Begin(events);
            await rooms.StartAsync<StatusRelay>();
            double ours = await heard.RateAsync();
            heard.Begin(events);
            await PublishAsync(connection, events);
            double theirs = await heard.RateAsync();
            if (round < 0) continue;
            relay.Add(ours);
            raw.Add(theirs);
        }

        var ratio = Spread.Ratio(relay, raw);
        findings.Set(Goal.Relay, ratio);
        var table = new Table(
            $"Status relay: {events.ToString("N0", CultureInfo.InvariantCulture)} events of as many referrals to a durable queue, confirms on, {Outstanding} outstanding, first to last as a consumer hears them; medians of {choices.Rounds} rounds by turns", "", "events/s", "/ raw");
        table.Add("raw RabbitMQ.Client, the same bytes from memory", Spread.Of(raw).Text("0"), "1.00");
        table.Add("status relay, from a SQLite FULL ledger", Spread.Of(relay).Text("0"), ratio.Text("0.00"));
        findings.Add(table);
    }

    private static Task FillAsync(ReferralBook book, int events) => Parallel.ForAsync(0, events, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, cancellationToken) =>
    {
        var order = $"order-{i}";
        await book.DecideAsync(new DecisionScope.Order("main", order), rows => JoinRules.Submit(rows, Ehr, "main", order, null, null, TimeProvider.System.GetUtcNow()), cancellationToken);
    });

    private static async Task PublishAsync(IConnection connection, int events)
    {
        await using var rooms = await Rooms.OpenAsync(null, new Uri("amqp://127.0.0.1:1/"));
        await FillAsync(rooms.Referrals, 1);
        var message = StatusMessage.Of((await rooms.Get<StatusOutbox>().ClaimAsync(1, TimeSpan.FromMinutes(1), None))[0]);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true, outstandingPublisherConfirmationsRateLimiter: null));
        using var window = new SemaphoreSlim(Outstanding);
        var confirms = new List<Task>(events);
        for (int i = 0; i < events; i++)
        {
            await window.WaitAsync();
            confirms.Add(ConfirmAsync());
        }

        await Task.WhenAll(confirms);

        async Task ConfirmAsync()
        {
            await channel.BasicPublishAsync(StatusMessage.Exchange, message.RoutingKey, mandatory: true, message.Properties, message.Body);
            window.Release();
        }
    }

    /// <summary>A subscriber with a durable queue; notes when the first and the last of a round came.</summary>
    private sealed class Counter(IChannel channel, string queue) : IAsyncDisposable
    {
        private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(1);
        private TaskCompletionSource<double> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _expected;
        private int _come;
        private long _first;

        public static async Task<Counter> BindAsync(IConnection connection)
        {
            var channel = await connection.CreateChannelAsync();
            var queue = $"benchmark.{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
            await channel.ExchangeDeclareAsync(StatusMessage.Exchange, ExchangeType.Topic, durable: true, autoDelete: false);
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync(queue, StatusMessage.Exchange, "referral.#");
            var counter = new Counter(channel, queue);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, _) => counter.Hear();
            await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
            return counter;
        }

        public void Begin(int expected)
        {
            _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (_come, _expected) = (0, expected);
        }

        public async Task<double> RateAsync()
        {
            try
            {
                return await _done.Task.WaitAsync(Ceiling);
            }
            catch (TimeoutException)
            {
                throw new BrokenRunException($"Of {_expected} events {_come} came.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await channel.QueueDeleteAsync(queue);
            await channel.DisposeAsync();
        }

        private Task Hear()
        {
            if (++_come == 1) _first = Stopwatch.GetTimestamp();
            if (_come == _expected) _done.TrySetResult((_expected - 1) / Stopwatch.GetElapsedTime(_first).TotalSeconds);
            return Task.CompletedTask;
        }
    }
}
