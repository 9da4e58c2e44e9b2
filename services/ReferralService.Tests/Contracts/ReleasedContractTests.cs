using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ReferralService.Tests.Contracts.OpenApi;

namespace ReferralService.Tests.Contracts;

/// <summary>What was released goes on working (docs/adr/0014): contracts/released holds each version as it went out.</summary>
/// <remarks>A new version is released by copying contracts/schemas/*.json and contracts/openapi.json into contracts/released/{version}, and by its line at <see cref="A_released_version_is_never_edited"/>.</remarks>
[TestFixture]
internal sealed class ReleasedContractTests
{
    private const string Remedy = "others were built on it. Put a new optional member or a new record beside it; what must change all the same is a new major version";

    private static readonly Dictionary<string, MessageDirection> Directions = new()
    {
        ["status-event.json"] = MessageDirection.Sent,
        ["command-answer.json"] = MessageDirection.Sent,
        ["reason-code.json"] = MessageDirection.Sent,
        ["manifest.json"] = MessageDirection.Sent,
        ["referral-command.json"] = MessageDirection.Received,
    };

    private static readonly string Released = Path.Combine(ContractFiles.Folder, "released");

    private static IEnumerable<string> Versions() => Directory.GetDirectories(Released).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    private static IEnumerable<TestCaseData> Schemas()
        => from version in Versions() from schema in Directions.Keys select new TestCaseData(version, schema);

    [TestCaseSource(nameof(Schemas))]
    public void A_message_breaks_nobody_who_was_built_on_a_released_version(string version, string schema)
    {
        var breaks = SchemaDiff.Between(Directions[schema], Read(Path.Combine(Released, version, schema)), Read(Path.Combine(ContractFiles.Schemas, schema)));

        Assert.That(breaks, Is.Empty, Remedy);
    }

    [TestCaseSource(nameof(Versions))]
    public void The_API_breaks_nobody_who_was_built_on_a_released_version(string version)
        => Assert.That(OpenApiDiff.Between(Read(Path.Combine(Released, version, "openapi.json")), Read(ContractFiles.OpenApi)), Is.Empty, Remedy);

    [Test]
    public void Every_schema_has_a_direction()
        => Assert.That(Directory.GetFiles(ContractFiles.Schemas).Select(file => Path.GetFileName(file)), Is.EquivalentTo(Directions.Keys));

    [TestCase("0.1.0", "aff1e64866b7563c43eec17165fde9cef6e19a528bfa95bd90575e95d7fa8e4f")]
    public void A_released_version_is_never_edited(string version, string digest)
    {
        var files = Directory.GetFiles(Path.Combine(Released, version)).Order(StringComparer.Ordinal).Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}  {Path.GetFileName(file)}\n");

        Assert.That(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files)))), Is.EqualTo(digest));
    }

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement;
}
