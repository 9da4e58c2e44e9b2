using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>Which side of a message we are on.</summary>
internal enum MessageDirection
{
    /// <summary>Others read it: what they rely on must stay.</summary>
    Sent,

    /// <summary>Others write it: what they write must go on being taken.</summary>
    Received,
}

/// <summary>What in a schema would break those who were built against the released one. Additions are no break: readers pass over what they do not know, lists of words grow.</summary>
internal sealed class SchemaDiff(MessageDirection direction, SchemaReferences released, SchemaReferences now)
{
    private static readonly string[] Fixed = ["const", "pattern", "format"];

    private static readonly (string Keyword, bool Lower)[] Bounds =
        [("minimum", true), ("minLength", true), ("minItems", true), ("minProperties", true), ("maximum", false), ("maxLength", false), ("maxItems", false)];

    private readonly List<string> _breaks = [];

    /// <returns>Each with its path; empty when nothing breaks.</returns>
    public static IReadOnlyList<string> Between(MessageDirection direction, JsonElement released, JsonElement now)
        => new SchemaDiff(direction, new SchemaReferences(released), new SchemaReferences(now)).Between("$", released, now);

    public IReadOnlyList<string> Between(string path, JsonElement before, JsonElement after)
    {
        Compare(path, Followed(released, before), Followed(now, after));
        return _breaks;
    }

    private static JsonElement Followed(SchemaReferences references, JsonElement schema)
        => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference) ? references.Find(reference.GetString()!).Schema : schema;

    private void Compare(string path, JsonElement before, JsonElement after)
    {
        // true: anything goes.
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            if (before.ValueKind != after.ValueKind) Break(path, "is retyped");
            return;
        }

        CompareTypes(path, before, after);
        CompareWords(path, before, after);
        foreach (var keyword in Fixed.Where(keyword => Raw(before, keyword) != Raw(after, keyword))) Break(path, $"has another {keyword}");
        foreach (var (keyword, lower) in Bounds) CompareBound(path, keyword, lower, before, after);
        CompareMembers(path, before, after);
        foreach (var keyword in (string[])["anyOf", "oneOf"]) CompareBranches(path, keyword, before, after);
        if (before.TryGetProperty("items", out var items)) Compare($"{path}[]", Followed(released, items), after.TryGetProperty("items", out var others) ? Followed(now, others) : default);
    }

    private void CompareTypes(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Types(before), Types(after));
        var (all, some) = direction == MessageDirection.Sent ? (was, isNow) : (isNow, was);
        if (all.Count > 0 && (some.Count == 0 || !some.IsSubsetOf(all))) Break(path, $"is retyped from {Raw(before, "type") ?? "anything"} to {Raw(after, "type") ?? "anything"}");
    }

    /// <summary>A word that is gone: senders still write it, and what readers did for it no longer happens.</summary>
    private void CompareWords(string path, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty("enum", out var was)) return;
        if (!after.TryGetProperty("enum", out var isNow))
        {
            if (direction == MessageDirection.Sent) Break(path, "is no longer one of a list of words");
            return;
        }

        foreach (var word in was.EnumerateArray().Where(word => !isNow.EnumerateArray().Any(other => JsonElement.DeepEquals(word, other)))) Break(path, $"no longer has the word {word}");
    }

    private void CompareBound(string path, string keyword, bool lower, JsonElement before, JsonElement after)
    {
        double? was = Number(before, keyword), isNow = Number(after, keyword);
        // Of what is sent a bound must not be loosened, of what is received not tightened.
        var loosened = was is not null && (isNow is null || (lower ? isNow < was : isNow > was));
        var tightened = isNow is not null && (was is null || (lower ? isNow > was : isNow < was));
        if (direction == MessageDirection.Sent ? loosened : tightened) Break(path, $"has another {keyword}");
    }

    private void CompareMembers(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Members(before), Members(after));
        foreach (var (name, schema) in was)
        {
            if (isNow.TryGetValue(name, out var other)) Compare($"{path}.{name}", Followed(released, schema), Followed(now, other));
            else Break($"{path}.{name}", "is removed");
        }

        var (needed, needs) = (Words(before, "required"), Words(after, "required"));
        if (direction == MessageDirection.Sent)
        {
            foreach (var name in needed.Except(needs).Where(isNow.ContainsKey)) Break($"{path}.{name}", "is no longer always there");
        }
        else
        {
            foreach (var name in needs.Except(needed)) Break($"{path}.{name}", "is now required");
            if (Raw(after, "additionalProperties") == "false" && Raw(before, "additionalProperties") != "false") Break(path, "no longer takes members that it does not know");
        }
    }

    /// <summary>Branches are known by the constants in them, e.g. a command by its name.</summary>
    private void CompareBranches(string path, string keyword, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty(keyword, out var was)) return;
        var isNow = after.TryGetProperty(keyword, out var branches) ? branches.EnumerateArray().ToList() : [];
        foreach (var branch in was.EnumerateArray())
        {
            if (isNow.FindIndex(other => Name(other) == Name(branch)) is >= 0 and var found) Compare($"{path}<{Name(branch)}>", branch, isNow[found]);
            else Break(path, $"no longer has the shape {Name(branch)}");
        }
    }

    private static string Name(JsonElement branch)
        => string.Join(',', Members(branch).Where(member => member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("const", out _)).Select(member => member.Value.GetProperty("const").ToString()));

    private void Break(string path, string what) => _breaks.Add($"{path} {what}");

    private static Dictionary<string, JsonElement> Members(JsonElement schema)
        => schema.TryGetProperty("properties", out var members) ? members.EnumerateObject().ToDictionary(member => member.Name, member => member.Value) : [];

    private static HashSet<string> Types(JsonElement schema) => schema.TryGetProperty("type", out var type)
        ? [.. type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!]]
        : [];

    private static HashSet<string> Words(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var words) ? [.. words.EnumerateArray().Select(word => word.GetString()!)] : [];

    private static string? Raw(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetRawText() : null;

    private static double? Number(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetDouble() : null;
}
