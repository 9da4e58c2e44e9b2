using System.Net;
using System.Text;
using System.Text.Json;
using ReferralService.Ledger;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops;

/// <summary><c>GET /api/problems</c> and <c>GET /api/dead-letters</c>: what the pages of these names count, for programs.</summary>
internal sealed class OperatingReadTests
{
    [Test]
    public async Task A_group_of_problems_is_told_with_the_key_that_an_act_on_all_of_it_takes()
    {
        await using var host = await OpsHost.StartAsync();
        foreach (var order in (string[])["1", "2"])
        {
            var begun = await host.Ledger.BegunAsync(await host.Ledger.PackagedAsync(order));
            await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, "auth-refused", "Held.", host.Clock.GetUtcNow()));
        }

        var (_, problems) = await host.Http.ReadAsync("/api/problems");
        var only = problems.GetProperty("items").EnumerateArray().Single();
        var wish = JsonSerializer.Serialize(new { action = "retry", problem = new { partner = only.Text("partner"), code = only.Text("code"), issue = only.Text("issue") } });
        using var body = new StringContent(wish, Encoding.UTF8, "application/json");
        using var previewed = await host.Http.PostAsync(new Uri("/api/bulk", UriKind.Relative), body);
        using var preview = JsonDocument.Parse(await previewed.Content.ReadAsStringAsync());

        Assert.That((only.Text("partner"), only.Text("code"), only.GetProperty("count").GetInt32()), Is.EqualTo(("recipient:urology-east", "auth-refused", 2)));
        Assert.That(preview.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Where_nothing_is_wrong_there_are_no_problems()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.ReceivedAsync("1", "urology-east");

        var (status, problems) = await host.Http.ReadAsync("/api/problems");

        Assert.That((status, problems.GetProperty("items").GetArrayLength()), Is.EqualTo((HttpStatusCode.OK, 0)));
    }

    [Test]
    public async Task Without_a_broker_nothing_is_set_aside_and_refused_commands_are_counted_all_the_same()
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.Referrals.DecideCommandAsync(
            new CommandKey("c-1", "hash"), new DecisionScope.Order("main", "1"), _ => Decision<string>.Only("""{"status":"refused","code":"order-gone"}"""), CancellationToken.None);

        var (_, counts) = await host.Http.ReadAsync("/api/dead-letters");

        Assert.Multiple(() =>
        {
            Assert.That(counts.GetProperty("broker").GetBoolean(), Is.False);
            Assert.That(counts.GetProperty("rejected").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(counts.GetProperty("refusedCommands").GetProperty("order-gone").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_broker_that_is_away_is_told_by_its_code_and_not_as_nothing()
    {
        await using var host = await OpsHost.StartAsync(bus: new BusOptions { Transport = BusTransport.RabbitMq, RabbitMq = new Uri("amqp://127.0.0.1:1") });

        var (status, counts) = await host.Http.ReadAsync("/api/dead-letters");

        Assert.That((status, counts.Text("trouble"), counts.GetProperty("rejected").ValueKind), Is.EqualTo((HttpStatusCode.OK, "broker-unreachable", JsonValueKind.Null)));
    }
}
