using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using ReferralService.AcceptanceTests.Intake;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Ledger;
using ReferralService.Sandbox.Faults;
using ReferralService.Status;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>A broker that is away, killed, frozen, out of memory or impatient. One node for all; each test leaves it running.</summary>
[NonParallelizable]
internal sealed class BrokerLifeTests
{
    /// <summary>Ten seconds until an unacknowledged message ends its channel (the default is half an hour), looked at each second.</summary>
    private const string Impatient = "[{rabbit, [{consumer_timeout, 10000}, {channel_tick_interval, 1000}]}].\n";

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);

    private RabbitMqBroker _broker = null!;

    [OneTimeSetUp]
    public async Task Start() => _broker = await RabbitMqBroker.StartNewAsync(Impatient);

    [OneTimeTearDown]
    public async Task End() => await _broker.DisposeAsync();

    [Test]
    [Fault("B01")]
    public async Task Without_a_broker_at_start_the_service_takes_and_delivers_and_the_outbox_drains_when_it_comes()
    {
        await _broker.StopAsync();
        await using var service = await BrokerService.StartAsync(_broker.Address, firstSeed: 760, ("Ehrs:main:NotificationSecret", "a-secret-of-this-test-alone"));
        await service.UntilBrokerAsync("broker-unreachable");
        var health = await service.HealthAsync();
        using var hook = new HttpRequestMessage(HttpMethod.Post, "/fhir/notify/main") { Content = new ByteArrayContent([]) };
        hook.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "a-secret-of-this-test-alone");
        using var taken = await service.Replica.Http.SendAsync(hook);
        var ids = await service.SubmitAsync(orders: 2);
        await service.UntilDeliveredAsync(ids);

        await _broker.StartAsync();
        await using var listener = await StatusListener.StartAsync(_broker.Address);
        await using var view = await BrokerView.ConnectAsync(_broker.Address);
        await service.UntilBrokerAsync(code: null);
        await Eventually.HoldsAsync(
            async () => listener.Heard.DistinctBy(e => e.Id).Count() + (await view.CountAsync("referral.status.audit") ?? 0) >= 8, "8 events arrived, heard or kept", Ceiling);

        Assert.Multiple(() =>
        {
            Assert.That((health.Live, health.Ready, health.Broker.GetProperty("status").GetString()), Is.EqualTo((200, 200, "degraded")));
            Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        });
    }

    [Test]
    [Fault("B03")]
    [Fault("K04")]
    public async Task Commands_outlive_a_kill_of_the_broker_in_their_midst_and_each_is_done_once()
    {
        await using var host = new CommandHost(_broker);
        await host.StartAsync();
        await using (var view = await BrokerView.ConnectAsync(_broker.Address))
        {
            await view.UntilConsumedAsync("referral.commands");
        }

        await using (var client = await new ConnectionFactory { Uri = _broker.Address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync())
        {
            await using var making = await client.CreateChannelAsync();
            await making.QueueDeclareAsync("kill-answers", durable: true, exclusive: false, autoDelete: false);
        }

        // RabbitMQ 3.10 writes the directory of its queues down late: one declared just before a kill -9 is gone, or has no leader ever again. Stopped in order, it has it on disk.
        await _broker.StopAsync();
        await _broker.StartAsync();
        await using (var view = await BrokerView.ConnectAsync(_broker.Address))
        {
            await view.UntilConsumedAsync("referral.commands");
        }

        Dictionary<Guid, string> confirmed;
        await using (var client = await new ConnectionFactory { Uri = _broker.Address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync())
        {
            confirmed = await SendAsync(client, 400, killAt: 150);
        }

        await _broker.StartAsync();

        // Read only now: what a broker had handed out when it was killed would be lost by the test itself.
        var answered = new ConcurrentDictionary<Guid, bool>();
        await using var hearing = await new ConnectionFactory { Uri = _broker.Address }.CreateConnectionAsync();
        await Eventually.HoldsAsync(() => HearAsync(hearing, id => answered[id] = true), "the queue of answers can be read again", Ceiling);
        await Eventually.HoldsAsync(() => Task.FromResult(confirmed.All(one => answered.ContainsKey(one.Key))), "every confirmed command is answered", Ceiling);
        var orders = await OrdersAsync(host);
        Assert.Multiple(() =>
        {
            Assert.That(confirmed, Has.Count.GreaterThan(100).And.Count.LessThan(400), "it was killed in the midst");
            Assert.That(confirmed.Values.Except(orders), Is.Empty);
            Assert.That(orders, Is.Unique);
        });
    }

    [Test]
    [Fault("B04")]
    public async Task A_frozen_broker_costs_neither_threads_nor_connections_and_every_event_arrives()
    {
        await using var listener = await StatusListener.StartAsync(_broker.Address);
        await using var service = await BrokerService.StartAsync(_broker.Address, firstSeed: 770);
        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 2));
        await using (var view = await BrokerView.ConnectAsync(_broker.Address))
        {
            await view.UntilConsumedAsync("referral.wake-ups.deliver");
        }

        var (threads, connections) = service.Resources(_broker.Address.Port);

        _broker.Freeze();
        var began = Stopwatch.GetTimestamp();
        var ids = await service.SubmitAsync(orders: 4);
        await service.UntilBrokerAsync("broker-silent");
        var named = Stopwatch.GetElapsedTime(began);
        await service.UntilDeliveredAsync(ids);
        // Twenty seconds in all: longer than a try to connect again lasts, so what would pile up has begun to.
        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System);
        var frozen = service.Resources(_broker.Address.Port);
        _broker.Thaw();

        var heard = await listener.WaitForAsync(ids, events: 16, Ceiling);
        await service.UntilBrokerAsync(code: null);
        await Eventually.HoldsAsync(() => Task.FromResult(service.Resources(_broker.Address.Port).Connections <= connections), $"no more than the {connections} connections there were", Ceiling);
        Assert.Multiple(() =>
        {
            Assert.That(heard.GroupBy(e => e.Referral).Select(mine => mine.DistinctBy(e => e.Id).Select(e => e.Sequence)), Is.All.EqualTo(new[] { 1, 2, 3, 4 }));
            Assert.That(named, Is.LessThan(TimeSpan.FromSeconds(16)), "by our own ceiling of ten seconds: the connection's heartbeat takes forty");
            Assert.That(frozen.Threads, Is.LessThanOrEqualTo(threads + 10));
            Assert.That(service.Resources(_broker.Address.Port).Threads, Is.LessThanOrEqualTo(threads + 10));
            Assert.That(frozen.Connections, Is.LessThanOrEqualTo(connections + 6));
        });
    }

    [Test]
    [Fault("B05")]
    public async Task A_memory_alarm_is_named_intake_and_delivery_go_on_and_the_events_follow()
    {
        await using var listener = await StatusListener.StartAsync(_broker.Address);
        await using var service = await BrokerService.StartAsync(_broker.Address, firstSeed: 780);
        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 1));
        await _broker.ControlAsync("set_vm_memory_high_watermark", "0.00001");
        try
        {
            var ids = await service.SubmitAsync(orders: 3);
            var detail = await service.UntilBrokerAsync("broker-blocked");
            var health = await service.HealthAsync();
            await service.UntilDeliveredAsync(ids);
            var during = listener.Heard.Count(e => ids.Contains(e.Referral));

            await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
            var heard = await listener.WaitForAsync(ids, events: 12, Ceiling);
            await service.UntilBrokerAsync(code: null);

            Assert.Multiple(() =>
            {
                Assert.That((health.Live, health.Ready), Is.EqualTo((200, 200)));
                Assert.That(detail, Does.Contain("rabbitmqctl status"));
                Assert.That(during, Is.Zero);
                Assert.That(heard.GroupBy(e => e.Referral).Select(mine => mine.DistinctBy(e => e.Id).Select(e => e.Sequence)), Is.All.EqualTo(new[] { 1, 2, 3, 4 }));
                Assert.That(service.Said("[7016]"), Is.EqualTo(1), service.Replica.Output);
            });
        }
        finally
        {
            await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
        }
    }

    [Test]
    [Fault("B05")]
    public async Task A_connection_that_ends_during_an_alarm_is_made_anew_and_every_event_follows()
    {
        await using var listener = await StatusListener.StartAsync(_broker.Address);
        await using var proxy = FaultProxy.Start(_broker.Address);
        await using var relay = await RelayUnderTest.StartAsync(proxy.Before(_broker.Address));
        var written = new List<Referral>();
        foreach (var end in new Func<Task>[] { () => _broker.ControlAsync("close_all_connections", "maintenance"), CutAsync })
        {
            await _broker.ControlAsync("set_vm_memory_high_watermark", "0.00001");
            try
            {
                written.AddRange(await relay.Ledger.WriteReferralsAsync(referrals: 5, events: 3, prefix: $"alarm{written.Count}"));
                await relay.UntilAsync(BrokerState.Blocked, Ceiling);
                // Past the relay's patience with what it has published, so that it waits for nothing but the alarm's end.
                await Task.Delay(StatusChannel.PublishCeiling + TimeSpan.FromSeconds(1), TimeProvider.System);

                await end();
            }
            finally
            {
                await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
            }

            await relay.UntilEmptyAsync(TimeSpan.FromSeconds(30));
        }

        var heard = await listener.WaitForAsync([.. written.Select(r => r.Id.ToString())], events: 30, Ceiling);
        Assert.That(await HeardWell.FaultsAsync(relay.Ledger, written, heard), Is.Empty);

        Task CutAsync()
        {
            proxy.CutAll();
            return Task.CompletedTask;
        }
    }

    [Test]
    [Fault("B08")]
    public async Task A_step_of_twenty_seconds_is_no_business_of_the_brokers_patience()
    {
        // The scene's order is read, then its patient: the gathering step alone is longer than the broker waits, twice.
        await using var service = await BrokerService.StartAsync(_broker.Address, firstSeed: 790);
        await using var view = await BrokerView.ConnectAsync(_broker.Address);
        await view.UntilConsumedAsync("referral.wake-ups.package");
        foreach (var path in (string[])["^/ServiceRequest/", "^/Patient/"])
        {
            service.Scene.Ehr.Faults.Add(new Fault { Method = "GET", Path = path, Delay = TimeSpan.FromSeconds(11) });
        }

        var began = Stopwatch.GetTimestamp();
        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 1));

        Assert.Multiple(() =>
        {
            Assert.That(Stopwatch.GetElapsedTime(began), Is.GreaterThan(TimeSpan.FromSeconds(20)), "the step was long");
            Assert.That(_broker.LogText, Does.Not.Contain("timed out waiting for"));
            Assert.That(service.Scene.Consultant.Effects.All, Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Fault("B08")]
    public async Task A_command_waits_in_its_queue_and_not_with_us_while_the_ledger_is_away()
    {
        await using var host = new CommandHost(_broker);
        await host.StartAsync();
        await using var client = await CommandClient.ConnectAsync(_broker);
        string waiting;
        await using (await host.LockLedgerAsync())
        {
            waiting = await client.SendAsync(Submit(Guid.CreateVersion7(), "patient"), client.Answers);
            await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System);
        }

        Assert.That((await client.AnswerAsync(waiting)).GetProperty("accepted").GetBoolean(), Is.True);
        Assert.That(_broker.LogText, Does.Not.Contain("timed out waiting for"));
    }

    /// <summary>Reads the answers. False: their queue has not come up yet; a broker takes no consumer then, and answers nothing.</summary>
    private static async Task<bool> HearAsync(IConnection connection, Action<Guid> heard)
    {
        var channel = await connection.CreateChannelAsync();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            heard(JsonDocument.Parse(message.Body).RootElement.GetProperty("id").GetGuid());
            return Task.CompletedTask;
        };
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await channel.BasicConsumeAsync("kill-answers", autoAck: true, consumer, patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            await channel.DisposeAsync();
            return false;
        }
    }

    /// <summary>Sends commands, kills the broker after some; those whose confirm came, by id.</summary>
    private async Task<Dictionary<Guid, string>> SendAsync(IConnection client, int commands, int killAt)
    {
        var confirmed = new ConcurrentDictionary<Guid, string>();
        await using var channel = await client.CreateChannelAsync(new CreateChannelOptions(true, true));
        var sending = new List<Task>();
        for (var i = 0; i < commands; i++)
        {
            var (id, order) = (Guid.CreateVersion7(), $"killed-{i}");
            sending.Add(Task.Run(async () =>
            {
                try
                {
                    await channel.BasicPublishAsync("", "referral.commands", mandatory: true, new BasicProperties { Persistent = true, ReplyTo = "kill-answers" }, Encoding.UTF8.GetBytes(Submit(id, order)))
                        .AsTask().WaitAsync(TimeSpan.FromSeconds(20));
                    confirmed[id] = order;
                }
                catch (Exception)
                {
                    // No confirm: nobody was promised anything.
                }
            }));
            if (i == killAt)
            {
                await Eventually.HoldsAsync(() => Task.FromResult(confirmed.Count > 100), "some are confirmed", Ceiling);
                sending.Add(_broker.KillAsync());
            }
        }

        await Task.WhenAll(sending);
        return new Dictionary<Guid, string>(confirmed);
    }

    private static async Task<List<string>> OrdersAsync(CommandHost host)
    {
        var orders = new List<string>();
        for (long? before = null; ;)
        {
            var page = await host.Referrals.ListAsync(new() { Limit = 200, Before = before }, default);
            if (page.IsEmpty)
            {
                return orders;
            }

            orders.AddRange(page.Select(r => r.OrderId));
            before = page[^1].Number;
        }
    }

    private static string Submit(Guid id, string order) => $$"""{"command":"submit","id":"{{id}}","ehr":"main","serviceRequest":"{{order}}"}""";
}
