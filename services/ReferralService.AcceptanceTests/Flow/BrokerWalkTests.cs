using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Flow;

/// <summary>The whole walk on PostgreSQL and RabbitMQ with two replicas, heard and commanded by a plain AMQP client.</summary>
public sealed class BrokerWalkTests
{
    private const string CommandTrace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(90);

    [Test]
    public async Task Two_replicas_deliver_each_referral_once_and_every_step_is_heard_in_order()
    {
        var broker = (await SharedBroker.GetAsync()).Address;
        var database = await (await SharedPostgreSql.GetAsync()).CreateDatabaseAsync();
        await using var listener = await StatusListener.StartAsync(broker);
        await using var scene = await Scene.StartAsync();
        var settings = scene.Settings(
            ("Ledger:Provider", "PostgreSql"), ("Ledger:ConnectionString", database), ("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.OriginalString), ("Flow:InPlace", "0"));
        await using var one = await ServiceReplica.StartNewAsync(settings);
        await using var two = await ServiceReplica.StartNewAsync(settings);

        var ids = new List<string>();
        for (var seed = 30; seed < 40; seed++)
        {
            ids.Add(await (seed % 2 == 0 ? one : two).SubmitAsync(scene.WriteOrder(seed), "east"));
        }

        ids.Add(await CommandAsync(broker, scene.WriteOrder(seed: 40)));
        foreach (var id in ids)
        {
            await one.UntilStateAsync(id, "delivered");
        }

        var heard = await listener.WaitForAsync(ids, 4 * ids.Count, Ceiling);
        var traces = new Dictionary<string, string?>();
        foreach (var id in ids)
        {
            traces[id] = JsonDocument.Parse(await one.Http.GetStringAsync($"/api/referrals/{id}")).RootElement.GetProperty("traceId").GetString();
        }

        var figures = await one.Http.GetStringAsync("/metrics") + await two.Http.GetStringAsync("/metrics");
        Assert.Multiple(() =>
        {
            Assert.That(traces[ids[^1]], Is.EqualTo(CommandTrace), "the command's own");
            Assert.That(ids.SelectMany(id => heard.Where(e => e.Referral == id).Select(e => (id, Trace: TraceOf(e)))).Where(one => one.Trace != traces[one.id]), Is.Empty, "each event names its referral's trace");
            Assert.That(figures, Does.Contain("status_events_total{outcome=\"confirmed\"}").And.Contain("commands_total{outcome=\"accepted\"}"));
            Assert.That(scene.Consultant.Effects.All, Has.Count.EqualTo(ids.Count));
            Assert.That(scene.Consultant.Effects.All.Select(e => e.Identifier).Distinct().Count(), Is.EqualTo(ids.Count));
            Assert.That(heard.SelectMany(HeardWell.Faults), Is.Empty);
            foreach (var id in ids)
            {
                var mine = heard.Where(e => e.Referral == id).DistinctBy(e => e.Id).ToList();
                Assert.That(mine.Select(e => (e.Sequence, e.Type)), Is.EqualTo(new[]
                {
                    (1, "referral.received"), (2, "referral.gathered"), (3, "referral.packaged"), (4, "referral.delivered"),
                }));
            }
        });
    }

    private static string? TraceOf(HeardEvent heard)
        => heard.Properties.Headers is { } headers && headers.TryGetValue("traceparent", out var parent) && parent is byte[] text ? Encoding.ASCII.GetString(text).Split('-')[1] : null;

    /// <summary>Submits by command and waits for the answer; the referral's id.</summary>
    private static async Task<string> CommandAsync(Uri broker, string serviceRequest)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var reply = await channel.QueueDeclareAsync();
        var command = JsonSerializer.SerializeToUtf8Bytes(
            new { command = "submit", id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), ehr = "main", serviceRequest, recipient = "east" });
        var properties = new BasicProperties { ReplyTo = reply.QueueName, CorrelationId = "c1", ContentType = "application/json" };
        properties.Headers = new Dictionary<string, object?> { ["traceparent"] = $"00-{CommandTrace}-b7ad6b7169203331-01" };
        await channel.BasicPublishAsync("", "referral.commands", mandatory: true, properties, command);
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (true)
        {
            if (await channel.BasicGetAsync(reply.QueueName, autoAck: true, ceiling.Token) is { } answer)
            {
                var body = JsonDocument.Parse(Encoding.UTF8.GetString(answer.Body.Span)).RootElement;
                Assert.That(body.GetProperty("accepted").GetBoolean(), Is.True, body.ToString());
                return body.GetProperty("referralId").GetString()!;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ceiling.Token);
        }
    }
}
