using System.Text.Json.Nodes;
using ReferralService.Contracts;
using ReferralService.Status;

namespace ReferralService.Tests.Contracts;

/// <summary>contracts/asyncapi.yaml names what there is, all of it and nothing else.</summary>
[TestFixture]
internal sealed class AsyncApiTests
{
    private static readonly JsonNode Document = YamlReader.Read(File.ReadAllText(ContractFiles.AsyncApi));

    [Test]
    public void Every_event_type_is_a_message_of_the_status_channel()
    {
        var names = Document["channels"]!["statusEvents"]!["messages"]!.AsObject()
            .Select(message => Resolve(message.Value!["$ref"]!.GetValue<string>())["name"]!.GetValue<string>());

        Assert.That(names, Is.EquivalentTo(EventTypes.All));
    }

    [Test]
    public void Every_message_is_carried_by_a_channel()
    {
        var carried = Document["channels"]!.AsObject().SelectMany(channel => channel.Value!["messages"]!.AsObject())
            .Select(message => message.Value!["$ref"]!.GetValue<string>());

        Assert.That(carried, Is.EquivalentTo(Document["components"]!["messages"]!.AsObject().Select(message => $"#/components/messages/{message.Key}")));
    }

    [Test]
    public void The_exchange_and_the_queues_are_those_of_the_service()
        => Assert.Multiple(() =>
        {
            Assert.That(Bindings("exchange"), Is.EquivalentTo(new[] { StatusMessage.Exchange }));
            Assert.That(Bindings("queue"), Is.EquivalentTo(new[] { BrokerQueues.Commands, BrokerQueues.Rejected }));
        });

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

    private static JsonNode Resolve(string reference)
        => reference.Split('/').Skip(1).Aggregate(Document, (node, name) => node[name] ?? throw new KeyNotFoundException(reference));

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject mapping => mapping.SelectMany(member => member is { Key: "$ref", Value: JsonValue value } ? [value.GetValue<string>()] : References(member.Value)),
        JsonArray sequence => sequence.SelectMany(References),
        _ => [],
    };
}
