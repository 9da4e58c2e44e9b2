using System.Text.Json;

namespace ReferralService.Ops.Pages.Reveal;

/// <summary>An entry of a package and why it is there.</summary>
/// <param name="Reference">Type/id, or where a linked file was fetched.</param>
public sealed record TreeEntry(string Reference, string Source, string? Version, string Sha256, long Bytes, IReadOnlyList<string> Reasons, string? Status);

/// <summary>Something left out and why. Those alike stand together.</summary>
public sealed record TreeOmission(string Reason, string Rule, IReadOnlyList<string> References);

/// <summary>A row of the checklist.</summary>
public sealed record TreeCheck(string Label, string Status, string? Date, string Need, IReadOnlyList<string> Lacks);

/// <summary>A search as it was asked.</summary>
public sealed record TreeSearch(string Type, string Query, int Pages, int Found, int Kept, string? Refusal);

/// <summary>What a package's manifest says, as a tree: by type, then entry by entry. It is of the record: for eyes that may see it.</summary>
public sealed record PackageTreeView
{
    public required IReadOnlyList<(string Type, IReadOnlyList<TreeEntry> Entries)> Types { get; init; }
    public required IReadOnlyList<TreeOmission> Omissions { get; init; }
    public required IReadOnlyList<TreeCheck> Checklist { get; init; }
    public required IReadOnlyList<TreeSearch> Searches { get; init; }

    /// <summary>Plans that chose it, with version.</summary>
    public required IReadOnlyList<string> Plans { get; init; }

    /// <param name="manifest">As kept in the vault.</param>
    /// <exception cref="JsonException">It is no manifest.</exception>
    internal static async Task<PackageTreeView> ReadAsync(Stream manifest, CancellationToken cancellationToken)
    {
        using var document = await JsonDocument.ParseAsync(manifest, cancellationToken: cancellationToken);
        var root = document.RootElement;
        return new PackageTreeView
        {
            Types =
            [
                .. Each(root, "included").Select(Entry).GroupBy(entry => TypeOf(entry.Source), StringComparer.Ordinal).OrderBy(type => type.Key, StringComparer.Ordinal)
                    .Select(type => (type.Key, (IReadOnlyList<TreeEntry>)[.. type.OrderBy(entry => entry.Reference, StringComparer.Ordinal)])),
            ],
            Omissions =
            [
                .. Each(root, "omitted").GroupBy(one => (Reason: Text(one, "reason") ?? "", Rule: Text(one, "rule") ?? "")).OrderBy(alike => alike.Key.Reason, StringComparer.Ordinal)
                    .Select(alike => new TreeOmission(alike.Key.Reason, alike.Key.Rule, [.. alike.Select(one => Text(one, "reference") ?? "").Order(StringComparer.Ordinal)])),
            ],
            Checklist = [.. Each(root, "checklist").Select(row => new TreeCheck(Text(row, "label") ?? Text(row, "item") ?? "", Text(row, "status") ?? "", Text(row, "date"), Text(row, "need") ?? "", Texts(row, "lacks")))],
            Searches = [.. Each(root, "searches").Select(one => new TreeSearch(Text(one, "type") ?? "", Text(one, "query") ?? "", Number(one, "pages"), Number(one, "found"), Number(one, "kept"), Text(one, "refusal")))],
            Plans = [.. Each(root, "plan").Select(plan => $"{Text(plan, "id")} {Text(plan, "version")}")],
        };
    }

    private static TreeEntry Entry(JsonElement one)
    {
        var source = Text(one, "source") ?? "";
        return new(Short(source), source, Text(one, "versionId"), Text(one, "sha256") ?? "", Number(one, "bytes"), Texts(one, "reasons"), Text(one, "status"));
    }

    /// <summary>The last two segments, where they are a type and an id.</summary>
    private static string Short(string source) => source.Split('/') is [.., var type, var id] && type.Length > 0 && char.IsAsciiLetterUpper(type[0]) ? $"{type}/{id}" : source;

    private static string TypeOf(string source) => Short(source) is var reference && reference != source ? reference[..reference.IndexOf('/')] : "Linked files";

    private static JsonElement.ArrayEnumerator Each(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IReadOnlyList<string> Texts(JsonElement parent, string name) => [.. Each(parent, name).Select(value => value.ToString())];

    private static int Number(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;
}
