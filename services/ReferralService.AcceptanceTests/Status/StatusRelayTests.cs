using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Status;

/// <summary>The relay on a broker that works.</summary>
[TestFixture]
internal sealed class StatusRelayTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Every_event_of_many_referrals_is_heard_in_order_as_published()
    {
        var broker = await SharedBroker.GetAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);

        var referrals = await relay.Ledger.WriteReferralsAsync(referrals: 200, events: 5, prefix: "many");

        var heard = await listener.WaitForAsync([.. referrals.Select(r => r.Id.ToString())], events: 1000, Ceiling);
        var order = await HeardWell.FaultsAsync(relay.Ledger, referrals, heard);
        Assert.Multiple(() =>
        {
            Assert.That(order, Is.Empty);
            Assert.That(heard.SelectMany(HeardWell.Faults), Is.Empty);
            Assert.That(heard.Select(e => e.Id), Is.Unique, "on a broker that works nothing is sent twice");
        });
    }

    [Test]
    public async Task An_event_leaves_at_its_commit_and_not_at_the_next_look()
    {
        var broker = await SharedBroker.GetAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var relay = await RelayUnderTest.StartAsync(broker.Address, clock: new ManualTimeProvider());
        var first = await relay.Ledger.WriteReferralsAsync(referrals: 1, events: 1, prefix: "first");
        await listener.WaitForAsync([first[0].Id.ToString()], events: 1, Ceiling);

        var second = await relay.Ledger.WriteReferralsAsync(referrals: 1, events: 3, prefix: "second");

        Assert.That(await listener.WaitForAsync([second[0].Id.ToString()], events: 3, Ceiling), Has.Count.EqualTo(3), "the relay's clock stands still, so it never looks by itself");
    }

    [Test]
    public async Task An_event_that_the_broker_has_leaves_the_outbox()
    {
        var broker = await SharedBroker.GetAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        var referrals = await relay.Ledger.WriteReferralsAsync(referrals: 3, events: 2, prefix: "leaves");

        await listener.WaitForAsync([.. referrals.Select(r => r.Id.ToString())], events: 6, Ceiling);
        await relay.StopAsync();

        Assert.That((await relay.Ledger.Outbox.BacklogAsync(CancellationToken.None)).Count, Is.Zero);
    }

    [Test]
    public async Task Events_that_nobody_listens_to_do_not_pile_up()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        await relay.Ledger.WriteReferralsAsync(referrals: 5, events: 3, prefix: "nobody");

        await relay.UntilEmptyAsync(Ceiling);

        Assert.That((await relay.Ledger.Outbox.BacklogAsync(CancellationToken.None)).Count, Is.Zero);
    }

    [Test]
    public async Task The_stop_waits_for_the_brokers_word_so_that_nothing_is_sent_twice()
    {
        var broker = await SharedBroker.GetAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var ledger = await TemporaryLedger.OpenAsync(TimeProvider.System);
        var referrals = await ledger.WriteReferralsAsync(referrals: 100, events: 5, prefix: "stop");
        string[] ids = [.. referrals.Select(r => r.Id.ToString())];

        for (var stops = 1; stops <= 3; stops++)
        {
            var relay = await RelayUnderTest.StartAsync(broker.Address, ledger);
            await listener.WaitForAsync(ids, events: 100 * stops, Ceiling);
            await relay.StopAsync();
        }

        var last = await RelayUnderTest.StartAsync(broker.Address, ledger);
        var heard = await listener.WaitForAsync(ids, events: 500, Ceiling);
        await last.StopAsync();
        var order = await HeardWell.FaultsAsync(ledger, referrals, heard);
        Assert.Multiple(() =>
        {
            Assert.That(order, Is.Empty);
            Assert.That(heard.Select(e => e.Id), Is.Unique);
        });
    }

    [Test]
    public async Task What_the_broker_refuses_is_offered_again_until_it_is_taken()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("referral.status", ExchangeType.Topic, durable: true);
        await channel.QueueDeclareAsync("full", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" });
        await channel.QueueBindAsync("full", "referral.status", "#");
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        await relay.Ledger.WriteReferralsAsync(referrals: 1, events: 3, prefix: "refused");

        var taken = new List<string?>();
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (taken.Count < 3)
        {
            if (await channel.BasicGetAsync("full", autoAck: true, ceiling.Token) is { } message)
            {
                taken.Add(message.BasicProperties.Type);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ceiling.Token);
        }

        Assert.That(taken, Is.EqualTo(new[] { "referral.received", "referral.held", "referral.retried" }));
    }

    [Test]
    public async Task What_is_refused_of_two_rounds_at_once_is_taken_in_order_all_the_same()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("referral.status", ExchangeType.Topic, durable: true);
        await channel.QueueDeclareAsync("full", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 100, ["x-overflow"] = "reject-publish" });
        await channel.QueueBindAsync("full", "referral.status", "#");
        await using var relay = await RelayUnderTest.StartAsync(broker.Address);
        await relay.Ledger.WriteReferralsAsync(referrals: 200, events: 3, prefix: "rounds");

        var heard = new Dictionary<string, List<string?>>(StringComparer.Ordinal);
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(150));
        for (var taken = 0; taken < 600;)
        {
            if (await channel.BasicGetAsync("full", autoAck: true, ceiling.Token) is not { } message)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ceiling.Token);
                continue;
            }

            taken++;
            var events = heard.TryGetValue(message.BasicProperties.CorrelationId!, out var known) ? known : heard[message.BasicProperties.CorrelationId!] = [];
            events.Add(message.BasicProperties.Type);
        }

        await relay.UntilEmptyAsync(Ceiling);
        Assert.That(heard, Has.Count.EqualTo(200));
        Assert.That(heard.Values, Has.All.EqualTo(new[] { "referral.received", "referral.held", "referral.retried" }));
    }
}
