using System.Text.Json;
using ReferralService.AcceptanceTests.Flow;
using ReferralService.AcceptanceTests.Intake;
using ReferralService.AcceptanceTests.Status;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Killed between the ledger and the broker: each command is done once and answered, each event is heard, in order, under one id.</summary>
public sealed class EventKillTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    [Test]
    [Fault("K04")]
    public async Task A_command_that_was_done_and_not_acknowledged_comes_again_and_gets_its_first_answer()
    {
        var broker = await SharedBroker.GetAsync();
        await using var service = await KilledService.StartAsync("K04:kill@1", await Scene.StartAsync(), OverRabbitMq(broker));
        await using var client = await CommandClient.ConnectAsync(broker);
        var command = JsonSerializer.Serialize(new
        {
            command = "submit", id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), ehr = "main", serviceRequest = service.Scene.WriteOrder(seed: 4), recipient = "east",
        });

        var correlation = await client.SendAsync(command, client.Answers);
        await service.DiesAsync();
        await service.LiveAgainAsync();
        var answer = await client.AnswerAsync(correlation);

        Assert.That(answer.GetProperty("accepted").GetBoolean(), Is.True, answer.ToString());
        await service.DeliveredOnceAsync(answer.GetProperty("referralId").GetString()!);
        Assert.That(await service.Replica.ListAsync(), Has.Count.EqualTo(1));
        await service.Replica.UntilAsync("taken off the queue", async () => await client.CountAsync(CommandClient.Commands) == 0);
    }

    [TestCase("K13:kill@1", TestName = "Killed with an event committed and not published")]
    [TestCase("K13:kill@4", TestName = "Killed with a later event committed and not published")]
    [TestCase("K14:kill@1", TestName = "Killed with an event published and not confirmed")]
    [TestCase("K14:kill@3", TestName = "Killed with a later event published and not confirmed")]
    [TestCase("K15:kill@1", TestName = "Killed with an event confirmed and not marked")]
    [TestCase("K15:kill@3", TestName = "Killed with a later event confirmed and not marked")]
    [Fault("K13")]
    [Fault("K14")]
    [Fault("K15")]
    public async Task Every_event_is_heard_once_or_again_under_its_id_and_in_order(string point)
    {
        var broker = await SharedBroker.GetAsync();
        await using var listener = await StatusListener.StartAsync(broker.Address);
        await using var service = await KilledService.StartAsync(point, await Scene.StartAsync(), OverRabbitMq(broker));

        var order = service.Scene.WriteOrder(seed: 5);
        try
        {
            await service.Replica.SubmitAsync(order, "east");
        }
        catch (HttpRequestException)
        {
            // The relay was quicker than the answer; whoever hears none asks again.
        }

        await service.DiesAsync();
        await service.LiveAgainAsync();
        var id = await service.Replica.SubmitAsync(order, "east");
        var shown = await service.DeliveredOnceAsync(id);
        var told = KilledService.Events(shown);
        var heard = await listener.WaitForAsync([id], told.Count, Ceiling);

        Assert.Multiple(() =>
        {
            Assert.That(heard.SelectMany(HeardWell.Faults), Is.Empty);
            Assert.That(heard.GroupBy(e => e.Id).Where(same => same.Select(e => e.Text).Distinct().Count() > 1), Is.Empty, "the same bytes under the same id");
            Assert.That(heard.DistinctBy(e => e.Id).Select(e => (e.Sequence, e.Type)), Is.EqualTo(told.Select(e => (e.Sequence, $"referral.{e.Event}"))));
            if (point.StartsWith("K15", StringComparison.Ordinal))
            {
                Assert.That(heard.GroupBy(e => e.Id).Select(same => same.Count()), Has.One.EqualTo(2), "what was confirmed and not marked comes again");
            }
        });
    }

    private static (string, string)[] OverRabbitMq(RabbitMqBroker broker) => [("Bus:Transport", "RabbitMq"), ("Bus:RabbitMq", broker.Address.OriginalString)];
}
