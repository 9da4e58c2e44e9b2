using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ReferralService.Contracts;

namespace ReferralService.Tests.Contracts;

/// <summary>contracts/examples/{schema}.{what}.json: valid by their schema, and the records write them again as they are.</summary>
[TestFixture]
internal sealed class ExampleTests
{
    private static IEnumerable<string> Examples() => Directory.GetFiles(ContractFiles.Examples).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Examples))]
    public void An_example_is_valid_by_its_schema(string example)
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(ContractFiles.Schemas, $"{SchemaOf(example)}.json")));
        using var document = JsonDocument.Parse(Read(example));

        Assert.That(SchemaChecker.Check(schema.RootElement, document.RootElement), Is.Empty);
    }

    [TestCaseSource(nameof(Examples))]
    public void An_example_read_and_written_again_is_the_same(string example)
    {
        JsonTypeInfo type = SchemaOf(example) switch
        {
            "status-event" => ContractsJson.Default.StatusEvent,
            "referral-command" => ContractsJson.Default.ReferralCommand,
            "command-answer" => ContractsJson.Default.CommandAnswer,
            var other => throw new InvalidOperationException($"no record for {other}"),
        };

        var written = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(Read(example), type), type);

        Assert.That(JsonNode.DeepEquals(written, JsonNode.Parse(Read(example))), $"written again it is {written}");
    }

    [Test]
    public void Every_event_that_happens_and_every_command_has_an_example()
        => Assert.That(Examples(), Is.SupersetOf(EventTypes.Sent.Select(type => $"status-event.{type[EventTypes.Prefix.Length..]}.json")
            .Concat(["referral-command.submit.json", "referral-command.cancel.json", "referral-command.retry.json"])
            .Concat(["command-answer.accepted.json", "command-answer.refused.json"])));

    [Test]
    public void An_event_example_is_named_by_its_type()
        => Assert.Multiple(() =>
        {
            foreach (var example in Examples().Where(name => SchemaOf(name) == "status-event"))
            {
                Assert.That(JsonNode.Parse(Read(example))!["type"]!.GetValue<string>(), Is.EqualTo($"referral.{example.Split('.')[1]}"), example);
            }
        });

    private static string SchemaOf(string example) => example.Split('.')[0];

    private static string Read(string example) => File.ReadAllText(Path.Combine(ContractFiles.Examples, example));
}
