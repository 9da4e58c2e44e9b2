using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Broker;

/// <summary>The queues between our own replicas, when somebody else writes to them.</summary>
internal sealed class HostileWakeUpTests
{
    private const string Envelope = "application/vnd.masstransit+json";

    [Test]
    [Fault("S46")]
    public async Task A_forged_wake_up_makes_nothing_be_sent_to_the_addresses_in_it_and_the_walk_goes_on()
    {
        var broker = await (await SharedBroker.GetAsync()).NewVirtualHostAsync();
        await using var view = await BrokerView.ConnectAsync(broker);
        await using var service = await BrokerService.StartAsync(broker, firstSeed: 800);
        await view.UntilConsumedAsync("referral.wake-ups.package");
        await view.UntilConsumedAsync("referral.wake-ups.deliver");
        // As the bus itself would make it, so that a message to it would arrive.
        var victim = $"victim-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        await view.DoAsync(async channel =>
        {
            await channel.QueueDeclareAsync(victim, durable: true, exclusive: false, autoDelete: false);
            await channel.ExchangeDeclareAsync(victim, ExchangeType.Fanout, durable: true);
            await channel.QueueBindAsync(victim, victim, "");
        });
        foreach (var queue in (string[])["referral.wake-ups.package", "referral.wake-ups.deliver"])
        {
            foreach (var (contentType, body) in Forgeries(broker, victim))
            {
                var headers = new Dictionary<string, object?> { ["MT-Fault-Address"] = $"queue:{victim}", ["MT-Response-Address"] = $"queue:{victim}", ["x-death"] = "forged" };
                await view.PublishAsync(queue, body, new BasicProperties { ContentType = contentType, Headers = headers, ReplyTo = victim, Priority = 9 });
            }

            await view.PublishAsync(queue, new byte[20 << 20], new BasicProperties { ContentType = Envelope });
        }

        await view.UntilCountAsync("referral.wake-ups.package", 0);
        await view.UntilCountAsync("referral.wake-ups.deliver", 0);
        await service.UntilDeliveredAsync(await service.SubmitAsync(orders: 2));
        await view.UntilConsumedAsync("referral.wake-ups.package");

        Assert.That(await view.CountAsync(victim), Is.Zero);
        foreach (var queue in (string[])["package_error", "package_skipped", "deliver_error", "deliver_skipped"])
        {
            Assert.That(await view.CountAsync($"referral.wake-ups.{queue}"), Is.Null, "nothing that grows without limit was made");
        }

        Assert.That(service.Replica.Output, Does.Not.Contain(victim));
    }

    private static IEnumerable<(string ContentType, string Body)> Forgeries(Uri broker, string victim)
    {
        foreach (var address in (string[])[$"rabbitmq://127.0.0.1:{broker.Port}{broker.AbsolutePath}/{victim}", $"queue:{victim}", $"exchange:{victim}"])
        {
            var addresses = $"\"messageId\":\"{Guid.CreateVersion7()}\",\"requestId\":\"{Guid.CreateVersion7()}\",\"responseAddress\":\"{address}\",\"faultAddress\":\"{address}\"";
            const string Package = "\"urn:message:ReferralService.Flow:PackageReferral\"";
            const string Deliver = "\"urn:message:ReferralService.Flow:DeliverReferral\"";
            yield return (Envelope, $$"""{{{addresses}},"messageType":[{{Package}},{{Deliver}}],"message":{"referralId":"no id at all","fence":"many","at":7} }""");
            yield return (Envelope, $$"""{{{addresses}},"messageType":[{{Package}},{{Deliver}}],"message":{"referralId":"{{Guid.CreateVersion7()}}","fence":1,"at":"2026-11-22T10:00:00Z"} }""");
            yield return (Envelope, $$"""{{{addresses}},"messageType":["urn:message:System:Diagnostics.Process"],"message":{"command":"anything"} }""");
            yield return (Envelope, $$"""{{{addresses}},"messageType":[],"message":null}""");
            yield return ("application/json", $$"""{{{addresses}},"referralId":"{{Guid.CreateVersion7()}}"}""");
        }

        yield return (Envelope, "{ half an envelope");
        yield return ("application/octet-stream", "neither");
        yield return ("no content type of this world", "");
    }
}
