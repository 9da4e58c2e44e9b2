using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Deploy;

/// <summary>deploy/rabbitmq/definitions.json: what the policies make of the queues.</summary>
public sealed class BrokerDefinitionsTests
{
    /// <summary>A look at dead letters gives them back, as a consumer that ends does, and each counts as a delivery: RabbitMQ 4 would drop what came back twenty times.</summary>
    [TestCase("referral.commands")]
    [TestCase("referral.commands.rejected")]
    public void What_is_looked_at_again_and_again_is_not_dropped(string queue)
    {
        var policies = JsonNode.Parse(File.ReadAllText(DeployFiles.At("rabbitmq", "definitions.json")))!["policies"]!.AsArray();

        var policy = policies.Single(one => Regex.IsMatch(queue, one!["pattern"]!.GetValue<string>()))!;

        Assert.That(policy["definition"]!["delivery-limit"]?.GetValue<int>(), Is.GreaterThanOrEqualTo(1_000_000));
    }
}
