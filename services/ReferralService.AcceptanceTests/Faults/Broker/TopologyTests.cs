using System.Diagnostics;
using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>Queues and exchanges that are not as the service wants them, and a user that may not use them.</summary>
[Parallelizable]
internal sealed class TopologyTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    [Test]
    [Fault("B06")]
    public async Task A_queue_and_an_exchange_of_another_kind_are_named_with_their_mending_and_got_over_without_a_restart()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var view = await BrokerView.ConnectAsync(broker);
        await view.DoAsync(async channel =>
        {
            await channel.ExchangeDeclareAsync("referral.status", ExchangeType.Direct, durable: true);
            await channel.QueueDeclareAsync("referral.wake-ups.package", durable: true, exclusive: false, autoDelete: false);
        });
        await using var service = await BrokerService.StartAsync(broker, firstSeed: 700);

        var detail = await service.UntilBrokerAsync("broker-mismatch");
        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 1));
        var said = service.Said("broker-mismatch");
        await view.DoAsync(async channel =>
        {
            await channel.ExchangeDeleteAsync("referral.status");
            await channel.QueueDeleteAsync("referral.wake-ups.package");
        });
        await service.UntilBrokerAsync(code: null);

        Assert.Multiple(() =>
        {
            Assert.That(detail, Does.Contain("rabbitmqctl delete_queue referral.wake-ups.package --if-empty").And.Contain("rabbitmqadmin delete exchange name=referral.status"));
            Assert.That(said, Is.EqualTo(2), $"once for each use, not at every try:\n{service.Replica.Output}");
        });
        await view.UntilCountAsync("referral.status.audit", 4);
    }

    [Test]
    [Fault("B06")]
    public async Task What_is_deleted_under_the_running_service_is_there_again_and_nothing_is_lost()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var view = await BrokerView.ConnectAsync(broker);
        await using var service = await BrokerService.StartAsync(broker, firstSeed: 710);
        await service.UntilBrokerAsync(code: null);
        await view.UntilCountAsync("referral.commands", 0);

        await view.DoAsync(async channel =>
        {
            await channel.ExchangeDeleteAsync("referral.status");
            await channel.QueueDeleteAsync("referral.commands");
            await channel.QueueDeleteAsync("referral.wake-ups.package");
            await channel.QueueDeleteAsync("referral.wake-ups.deliver");
        });
        var ids = await service.SubmitAsync(orders: 2);
        await service.UntilDeliveredAsync(ids);

        await view.UntilCountAsync("referral.status.audit", 8);
        await view.UntilCountAsync("referral.commands", 0);
        await view.UntilCountAsync("referral.wake-ups.package", 0);
        await view.UntilCountAsync("referral.wake-ups.deliver", 0);
        await service.UntilBrokerAsync(code: null);
    }

    [Test]
    [Fault("B07")]
    public async Task A_wrong_password_is_tried_seldom_said_once_and_got_over_when_it_is_right()
    {
        const string User = "late-password";
        var shared = await SharedBroker.GetAsync();
        var broker = await shared.NewVirtualHostAsync(User);
        await shared.ControlAsync("change_password", User, "pw-other");
        await using var proxy = FaultProxy.Start(broker);
        await using var service = await BrokerService.StartAsync(proxy.Before(broker), firstSeed: 720);
        await service.UntilBrokerAsync("broker-login");
        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 1));
        // Events, commands and wake-ups have tried once each; then comes somebody's second try.
        await Eventually.HoldsAsync(() => Task.FromResult(proxy.Made.Count > 3), "a second try", Ceiling);
        var made = proxy.Made;
        var said = service.Said("broker-login");

        await shared.ControlAsync("change_password", User, "pw-right");
        await service.UntilBrokerAsync(code: null);

        await using var view = await BrokerView.ConnectAsync(broker);
        await view.UntilCountAsync("referral.status.audit", 4);
        Assert.Multiple(() =>
        {
            Assert.That(Stopwatch.GetElapsedTime(made[0], made[3]), Is.GreaterThan(TimeSpan.FromSeconds(4.5)), "each of three uses waits five seconds");
            Assert.That(said, Is.EqualTo(3), $"once for each use:\n{service.Replica.Output}");
            Assert.That(service.Replica.Output, Does.Not.Contain("pw-").And.Not.Contain(User), "neither user nor password");
        });
    }

    [Test]
    [Fault("B09")]
    public async Task Events_that_no_queue_is_bound_for_are_kept_in_order()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var relay = await RelayUnderTest.StartAsync(broker);
        var referrals = await relay.Ledger.WriteReferralsAsync(referrals: 5, events: 3, prefix: "nobody");
        await relay.UntilEmptyAsync(Ceiling);

        await using var view = await BrokerView.ConnectAsync(broker);
        var kept = new List<HeardEvent>();
        for (var i = 0; i < 15; i++)
        {
            var message = await view.TakeAsync("referral.status.audit");
            var routingKey = System.Text.Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["routing-key"]!);
            kept.Add(new HeardEvent(routingKey, new BasicProperties(message.BasicProperties), System.Text.Encoding.UTF8.GetString(message.Body.Span)));
        }

        var order = await HeardWell.FaultsAsync(relay.Ledger, referrals, kept);
        Assert.Multiple(() =>
        {
            Assert.That(order, Is.Empty);
            Assert.That(kept.SelectMany(HeardWell.Faults), Is.Empty);
        });
    }

    [Test]
    [Fault("B09")]
    public async Task The_queue_of_kept_events_cannot_fill_the_disk()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var relay = await RelayUnderTest.StartAsync(broker);
        await using var view = await BrokerView.ConnectAsync(broker);
        await view.UntilCountAsync("referral.status.audit", 0);

        // Declared again with the same arguments it is taken, with any other it would be refused.
        var bounded = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 100_000, ["x-overflow"] = "drop-head" };
        Assert.That(() => view.DoAsync(channel => channel.QueueDeclareAsync("referral.status.audit", durable: true, exclusive: false, autoDelete: false, bounded)), Throws.Nothing);
    }
}
