using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReferralService.Tests.Contracts.OpenApi;

namespace ReferralService.Tests.Contracts;

/// <summary>What was released goes on working (docs/adr/0014): contracts/released holds each version as it went out.</summary>
/// <remarks>A new version is released by copying contracts/schemas/*.json, contracts/openapi.json and contracts/asyncapi.yaml into contracts/released/{version}, and by its line at <see cref="Digests"/>.</remarks>
[TestFixture]
internal sealed class ReleasedContractTests
{
    private const string Remedy = "others were built on it. Put a new optional member or a new record beside it; what must change all the same is a new major version";

    /// <summary>Of each version that went out.</summary>
    private static readonly Dictionary<string, string> Digests = new()
    {
        ["0.1.0"] = "ecfc62266a98421ea053b29a6f601ea8088dd703b117a334b6abfea967f440dc",
    };

    private static readonly Dictionary<string, MessageDirection> Directions = new()
    {
        ["status-event.json"] = MessageDirection.Sent,
        ["command-answer.json"] = MessageDirection.Sent,
        ["reason-code.json"] = MessageDirection.Sent,
        ["manifest.json"] = MessageDirection.Sent,
        ["referral-command.json"] = MessageDirection.Received,
    };

    private static readonly string[] NoSchemas = ["openapi.json", "asyncapi.yaml"];

    private static readonly string Released = Path.Combine(ContractFiles.Folder, "released");

    private static IEnumerable<string> Versions() => Directory.GetDirectories(Released).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    private static IEnumerable<TestCaseData> Schemas()
        => from version in Versions() from schema in Names(Path.Combine(Released, version)).Except(NoSchemas) select new TestCaseData(version, schema);

    [TestCaseSource(nameof(Schemas))]
    public void A_message_breaks_nobody_who_was_built_on_a_released_version(string version, string schema)
    {
        var breaks = SchemaDiff.Between(Directions[schema], Read(Path.Combine(Released, version, schema)), Read(Path.Combine(ContractFiles.Schemas, schema)));

        Assert.That(breaks, Is.Empty, Remedy);
    }

    [TestCaseSource(nameof(Versions))]
    public void The_API_breaks_nobody_who_was_built_on_a_released_version(string version)
        => Assert.That(OpenApiDiff.Between(Read(Path.Combine(Released, version, "openapi.json")), Read(ContractFiles.OpenApi)), Is.Empty, Remedy);

    [TestCaseSource(nameof(Versions))]
    public void Exchanges_queues_and_messages_break_nobody_who_was_built_on_a_released_version(string version)
        => Assert.That(AsyncApiDiff.Between(ReadYaml(Path.Combine(Released, version, "asyncapi.yaml")), ReadYaml(ContractFiles.AsyncApi)), Is.Empty, Remedy);

    /// <summary>Against itself nothing differs, so only what has no rule is told: before it is released, not after.</summary>
    [Test]
    public void All_that_stands_in_the_contracts_has_a_rule_that_compares_it()
        => Assert.Multiple(() =>
        {
            foreach (var (schema, direction) in Directions)
            {
                var now = Read(Path.Combine(ContractFiles.Schemas, schema));
                Assert.That(SchemaDiff.Between(direction, now, now), Is.Empty, schema);
            }

            Assert.That(OpenApiDiff.Between(Read(ContractFiles.OpenApi), Read(ContractFiles.OpenApi)), Is.Empty);
            Assert.That(AsyncApiDiff.Between(ReadYaml(ContractFiles.AsyncApi), ReadYaml(ContractFiles.AsyncApi)), Is.Empty);
        });

    [Test]
    public void Every_schema_has_a_direction()
        => Assert.That(Directory.GetFiles(ContractFiles.Schemas).Select(file => Path.GetFileName(file)), Is.EquivalentTo(Directions.Keys));

    [Test]
    public void Every_released_version_is_held_to_its_digest()
        => Assert.That(Versions(), Is.EquivalentTo(Digests.Keys));

    [TestCaseSource(nameof(Versions))]
    public void A_released_version_is_whole(string version)
        => Assert.That(NoSchemas, Is.SubsetOf(Names(Path.Combine(Released, version))));

    [TestCaseSource(nameof(Versions))]
    public void A_released_version_is_never_edited(string version)
    {
        var files = Directory.GetFiles(Path.Combine(Released, version)).Order(StringComparer.Ordinal).Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}  {Path.GetFileName(file)}\n");

        Assert.That(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files)))), Is.EqualTo(Digests.GetValueOrDefault(version)));
    }

    private static IEnumerable<string> Names(string folder) => Directory.GetFiles(folder).Select(file => Path.GetFileName(file));

    private static JsonNode ReadYaml(string file) => YamlReader.Read(File.ReadAllText(file));

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement;
}
