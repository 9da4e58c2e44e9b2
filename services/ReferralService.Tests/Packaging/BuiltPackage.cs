using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Tests.Packaging;

/// <summary>A package read the way a recipient would, for tests to look into.</summary>
internal sealed class BuiltPackage(byte[] bytes, PackagingOutcome.Packaged outcome)
{
    public byte[] Bytes { get; } = bytes;
    public PackageManifest Manifest { get; } = outcome.Manifest;
    public int Counted { get; } = outcome.Entries;
    public string Text { get; } = Encoding.UTF8.GetString(bytes);
    public JsonElement Bundle { get; } = JsonDocument.Parse(bytes).RootElement;
    public IReadOnlyList<JsonElement> Entries => [.. Bundle.GetProperty("entry").EnumerateArray()];

    public static async Task<BuiltPackage> Of(RecordBuilder record, PackageForm form, int version = 1)
    {
        var (bytes, outcome) = await record.BuildAsync(form, version);
        Assert.That(outcome, Is.InstanceOf<PackagingOutcome.Packaged>());
        return new BuiltPackage(bytes, (PackagingOutcome.Packaged)outcome);
    }

    public JsonElement Entry(string type) => Entries.Single(e => Resource(e).GetProperty("resourceType").ValueEquals(type));

    public JsonElement Entry(string type, string id)
        => Entries.Single(e => Resource(e).GetProperty("resourceType").ValueEquals(type) && Resource(e).GetProperty("id").ValueEquals(id));

    public string FullUrl(string type, string id) => Entry(type, id).GetProperty("fullUrl").GetString()!;

    /// <summary>The text of a carried resource as it stands in the package.</summary>
    public string Raw(string type, string id) => Resource(Entry(type, id)).GetRawText();

    public static JsonElement Resource(JsonElement entry) => entry.GetProperty("resource");

    public JsonElement Composition => Resource(Entries.Single(e => Resource(e).GetProperty("resourceType").ValueEquals("Composition")));

    public IReadOnlyList<JsonElement> Sections => [.. Composition.GetProperty("section").EnumerateArray()];

    public JsonElement Section(string title) => Sections.Single(s => s.GetProperty("title").ValueEquals(title));

    public IReadOnlyList<string> Named(string title)
        => [.. Section(title).GetProperty("entry").EnumerateArray().Select(e => e.GetProperty("reference").GetString()!)];

    /// <summary>A narrative parsed by a real XML reader, without DTDs.</summary>
    public static XElement Narrative(JsonElement element)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = true };
        using var reader = XmlReader.Create(new StringReader(element.GetProperty("text").GetProperty("div").GetString()!), settings);
        return XElement.Load(reader);
    }

    /// <summary>Every Reference.reference below an element.</summary>
    public static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p =>
            p.NameEquals("reference") && p.Value.ValueKind == JsonValueKind.String ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
