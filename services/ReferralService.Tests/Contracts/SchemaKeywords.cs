using System.Globalization;
using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>The words of JSON Schema that <see cref="SchemaDiff"/> has a rule for, and how they are read.</summary>
internal static class SchemaKeywords
{
    /// <summary>Anything goes: what a schema that is <c>true</c> or not there says.</summary>
    public static readonly JsonElement Anything = JsonDocument.Parse("{}").RootElement;

    /// <summary>These must stay as they are: nobody can tell by them alone whether more or less is taken than before.</summary>
    public static readonly string[] Fixed = ["const", "pattern", "format"];

    public static readonly (string Keyword, bool Lower)[] Bounds =
    [
        ("minimum", true), ("exclusiveMinimum", true), ("minLength", true), ("minItems", true), ("minProperties", true),
        ("maximum", false), ("exclusiveMaximum", false), ("maxLength", false), ("maxItems", false), ("maxProperties", false),
    ];

    /// <summary>Of values that are schemas themselves: of each item, of each member that is not named.</summary>
    public static readonly (string Keyword, string Path)[] Each = [("items", "[]"), ("additionalProperties", "{}")];

    /// <summary>They narrow nothing and are there for people, but for <c>default</c>, which has a rule.</summary>
    private static readonly string[] Said = ["$schema", "$id", "$comment", "$defs", "title", "description", "example", "examples", "deprecated", "default"];

    private static readonly HashSet<string> Known =
        [.. Said, .. Fixed, .. Bounds.Select(bound => bound.Keyword), .. Each.Select(each => each.Keyword), "$ref", "type", "enum", "properties", "required", "multipleOf", "uniqueItems", "anyOf", "oneOf", "allOf"];

    /// <summary>Those without a rule, and those beside a <c>$ref</c> that would be passed over with it.</summary>
    public static IEnumerable<string> Unknown(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return [];
        var names = schema.EnumerateObject().Select(member => member.Name).ToList();
        return names.Contains("$ref") ? names.Except(Said).Except(["$ref"]) : names.Where(name => !Known.Contains(name));
    }

    public static Dictionary<string, JsonElement> Members(JsonElement schema)
        => schema.TryGetProperty("properties", out var members) ? members.EnumerateObject().ToDictionary(member => member.Name, member => member.Value) : [];

    public static HashSet<string> Types(JsonElement schema) => schema.TryGetProperty("type", out var type)
        ? [.. type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!]]
        : [];

    public static HashSet<string> Words(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var words) ? [.. words.EnumerateArray().Select(word => word.GetString()!)] : [];

    public static string? Raw(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetRawText() : null;

    /// <summary>A number that was read from YAML is a text.</summary>
    public static decimal? Number(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? decimal.Parse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    public static bool IsTrue(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.True;

    public static IReadOnlyList<JsonElement> Branches(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var branches) ? [.. branches.EnumerateArray()] : [];
}
