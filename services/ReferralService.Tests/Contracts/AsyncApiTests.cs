using System.Text.Json.Nodes;
using ReferralService.Contracts;
using ReferralService.Status;

namespace ReferralService.Tests.Contracts;

/// <summary>contracts/asyncapi.yaml names what there is, all of it and nothing else.</summary>
[TestFixture]
internal sealed class AsyncApiTests
{
    private static readonly JsonNode Document = YamlReader.Read(File.ReadAllText(ContractFiles.AsyncApi));
    private static readonly JsonNode Definitions = JsonNode.Parse(File.ReadAllText(Path.Combine(ContractFiles.Folder, "../deploy/rabbitmq/definitions.json")))!;

    [Test]
    public void Every_event_that_is_sent_is_a_message_of_the_status_channel([Values("statusEvents", "unheardEvents")] string channel)
    {
        var names = Messages(channel).Select(message => message["name"]!.GetValue<string>());

        Assert.That(names, Is.EquivalentTo(EventTypes.Sent));
    }

    [Test]
    public void Names_of_events_that_are_not_sent_yet_are_reserved_and_no_messages()
    {
        var reserved = Document["channels"]!["statusEvents"]!["x-reserved-events"]!.AsArray().Select(name => name!.GetValue<string>());

        Assert.That(reserved, Is.EquivalentTo(EventTypes.All.Except(EventTypes.Sent)));
    }

    [Test]
    public void A_message_of_the_status_channel_says_its_AMQP_type_and_has_its_own_example()
        => Assert.Multiple(() =>
        {
            foreach (var message in Messages("statusEvents"))
            {
                var name = message["name"]!.GetValue<string>();
                Assert.That(message["bindings"]!["amqp"]!["messageType"]!.GetValue<string>(), Is.EqualTo(name));
                Assert.That(References(message["examples"]), Is.EqualTo(new[] { $"./examples/status-event.{name[EventTypes.Prefix.Length..]}.json" }));
            }
        });

    [Test]
    public void Every_example_is_named_and_every_example_named_exists()
    {
        var named = References(Document).Where(reference => reference.StartsWith("./examples/", StringComparison.Ordinal));

        Assert.That(named, Is.EquivalentTo(Directory.GetFiles(ContractFiles.Examples).Select(file => $"./examples/{Path.GetFileName(file)}")));
    }

    [Test]
    public void Every_message_is_carried_by_a_channel()
    {
        var carried = Document["channels"]!.AsObject().SelectMany(channel => channel.Value!["messages"]?.AsObject() ?? [])
            .Select(message => message.Value!["$ref"]!.GetValue<string>()).Distinct();

        Assert.That(carried, Is.EquivalentTo(Document["components"]!["messages"]!.AsObject().Select(message => $"#/components/messages/{message.Key}")));
    }

    [Test]
    public void The_exchange_and_the_queues_are_those_of_the_service()
        => Assert.Multiple(() =>
        {
            Assert.That(Bindings("exchange"), Is.EquivalentTo(new[] { StatusMessage.Exchange }));
            Assert.That(Bindings("queue"), Is.EquivalentTo(Definitions["queues"]!.AsArray().Select(queue => queue!["name"]!.GetValue<string>())));
        });

    [Test]
    public void The_arguments_of_the_queues_are_those_that_the_definitions_make_them_with()
        => Assert.Multiple(() =>
        {
            foreach (var queue in Definitions["queues"]!.AsArray())
            {
                var name = queue!["name"]!.GetValue<string>();
                var channel = Document["channels"]!.AsObject().Single(channel => channel.Value!["address"]?.GetValue<string>() == name).Value!;
                Assert.That(Texts(channel["x-queue-arguments"]!), Is.EquivalentTo(Texts(queue["arguments"]!)), name);
            }
        });

    [Test]
    public void What_is_internal_says_so()
    {
        var internals = Document["channels"]!.AsObject().Where(channel => channel.Value!["x-internal"] is not null).Select(channel => channel.Value!["address"]!.GetValue<string>());

        Assert.That(internals, Is.EquivalentTo(new[] { BrokerQueues.PackageWakeUps, BrokerQueues.DeliverWakeUps, "referral.wake-ups.dead" }));
    }

    [Test]
    public void The_content_type_of_events_is_the_one_sent()
        => Assert.That(Document["components"]!["messageTraits"]!["statusEvent"]!["contentType"]!.GetValue<string>(), Is.EqualTo(StatusMessage.ContentType));

    [Test]
    public void Every_schema_is_named_and_every_schema_named_exists()
    {
        var named = References(Document).Where(reference => reference.StartsWith("./schemas/", StringComparison.Ordinal)).Distinct();

        Assert.That(named, Is.EquivalentTo(
            // The manifest is answered over HTTP and is no message.
            Directory.GetFiles(ContractFiles.Schemas).Select(file => Path.GetFileName(file)).Except(["manifest.json"]).Select(file => $"./schemas/{file}")));
    }

    [Test]
    public void Every_reference_inside_leads_somewhere()
        => Assert.Multiple(() =>
        {
            foreach (var reference in References(Document).Where(reference => reference[0] == '#'))
            {
                Assert.That(() => Resolve(reference), Throws.Nothing, reference);
            }
        });

    [TestCase("a: b: c")]
    [TestCase("a:\n    b: c\n  d: e")]
    [TestCase("a: 1\na: 2")]
    [TestCase("a: {b: c}")]
    [TestCase("a:")]
    public void What_the_reader_of_yaml_cannot_read_it_does_not_guess(string text)
        => Assert.That(() => YamlReader.Read(text), Throws.TypeOf<FormatException>());

    private static IEnumerable<string> Bindings(string kind)
        => Document["channels"]!.AsObject().Select(channel => channel.Value!["bindings"]?["amqp"]?[kind]?["name"]?.GetValue<string>()).OfType<string>();

    private static IEnumerable<JsonNode> Messages(string channel)
        => Document["channels"]![channel]!["messages"]!.AsObject().Select(message => Resolve(message.Value!["$ref"]!.GetValue<string>()));

    private static IEnumerable<string> Texts(JsonNode members) => members.AsObject().Select(member => $"{member.Key} {member.Value}");

    private static JsonNode Resolve(string reference)
        => reference.Split('/').Skip(1).Aggregate(Document, (node, name) => node[name] ?? throw new KeyNotFoundException(reference));

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject mapping => mapping.SelectMany(member => member is { Key: "$ref", Value: JsonValue value } ? [value.GetValue<string>()] : References(member.Value)),
        JsonArray sequence => sequence.SelectMany(References),
        _ => [],
    };
}
