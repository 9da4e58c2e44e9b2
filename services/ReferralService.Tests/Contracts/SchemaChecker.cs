using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Contracts;

/// <summary>Checks a document against a schema of the keywords that our schemas use. A keyword that it does not know is an error: it never passes over a rule.</summary>
internal static class SchemaChecker
{
    private static readonly HashSet<string> Annotations = ["$schema", "$id", "$defs", "title", "description", "default"];

    /// <returns>What is wrong, each with its path; empty when the document is valid.</returns>
    public static IReadOnlyList<string> Check(JsonElement schema, JsonElement value) => Check(new SchemaReferences(schema), schema, value);

    /// <param name="references">Finds what <c>$ref</c> names.</param>
    public static IReadOnlyList<string> Check(SchemaReferences references, JsonElement schema, JsonElement value)
    {
        var faults = new List<string>();
        Check(references, schema, value, "$", faults);
        return faults;
    }

    private static void Check(SchemaReferences references, JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        foreach (var rule in schema.EnumerateObject().Where(rule => !Annotations.Contains(rule.Name)))
        {
            if (rule.Name == "$ref")
            {
                var (target, within) = references.Find(rule.Value.GetString()!);
                Check(within, target, value, path, faults);
            }
            else if (rule.Name == "additionalProperties") CheckOthers(references, schema, rule.Value, value, path, faults);
            else CheckRule(references, rule, value, path, faults);
        }
    }

    private static void CheckRule(SchemaReferences references, JsonProperty rule, JsonElement value, string path, List<string> faults)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        var number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : (double?)null;
        switch (rule.Name)
        {
            case "type":
                Require(Types(rule.Value).Any(type => Is(type, value)), $"is {value.ValueKind}, not {rule.Value}");
                break;
            case "enum":
                Require(rule.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)), "is none of the values allowed");
                break;
            case "const":
                Require(JsonElement.DeepEquals(rule.Value, value), $"is not {rule.Value}");
                break;
            case "pattern":
                Require(text is null || Regex.IsMatch(text, rule.Value.GetString()!, RegexOptions.ECMAScript), $"does not match {rule.Value}");
                break;
            case "format":
                Require(text is null || HasFormat(rule.Value.GetString()!, text), $"is no {rule.Value}");
                break;
            case "minimum":
                Require(number is null || number >= rule.Value.GetDouble(), $"is below {rule.Value}");
                break;
            case "maximum":
                Require(number is null || number <= rule.Value.GetDouble(), $"is above {rule.Value}");
                break;
            case "minLength":
                Require(text is null || text.Length >= rule.Value.GetInt32(), $"is shorter than {rule.Value}");
                break;
            case "maxLength":
                Require(text is null || text.Length <= rule.Value.GetInt32(), $"is longer than {rule.Value}");
                break;
            case "required":
                var missing = value.ValueKind == JsonValueKind.Object ? rule.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)) : [];
                faults.AddRange(missing.Select(name => $"{path}: {name} is missing"));
                break;
            case "properties":
                CheckMembers(references, rule.Value, value, path, faults);
                break;
            case "propertyNames":
                Require(
                    value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(m => Check(references, rule.Value, JsonSerializer.SerializeToElement(m.Name)).Count == 0),
                    "has a member of another name");
                break;
            case "items":
                foreach (var (item, i) in Items().Select((item, i) => (item, i))) Check(references, rule.Value, item, $"{path}[{i}]", faults);
                break;
            case "minItems":
                Require(value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= rule.Value.GetInt32(), $"has fewer than {rule.Value} items");
                break;
            case "uniqueItems":
                Require(Items().DistinctBy(item => item.GetRawText()).Count() == Items().Count(), "has an item twice");
                break;
            case "minProperties":
                Require(value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() >= rule.Value.GetInt32(), $"has fewer than {rule.Value} members");
                break;
            case "anyOf":
                Require(Fitting() > 0, "fits none of the shapes");
                break;
            case "oneOf":
                Require(Fitting() == 1, "does not fit exactly one of the shapes");
                break;
            case "allOf":
                foreach (var branch in rule.Value.EnumerateArray()) Check(references, branch, value, path, faults);
                break;
            case "not":
                Require(Check(references, rule.Value, value).Count > 0, "has the shape it must not have");
                break;
            default:
                throw new NotSupportedException($"keyword {rule.Name} is not checked");
        }

        IEnumerable<JsonElement> Items() => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

        int Fitting() => rule.Value.EnumerateArray().Count(branch => Check(references, branch, value).Count == 0);

        void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                faults.Add($"{path}: {otherwise}");
            }
        }
    }

    /// <summary>Members that the schema does not name.</summary>
    private static void CheckOthers(SchemaReferences references, JsonElement schema, JsonElement rule, JsonElement value, string path, List<string> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var named) && named.TryGetProperty(member.Name, out _)) continue;
            if (rule.ValueKind == JsonValueKind.False) faults.Add($"{path}.{member.Name}: is not known");
            else if (rule.ValueKind == JsonValueKind.Object) Check(references, rule, member.Value, $"{path}.{member.Name}", faults);
        }
    }

    private static void CheckMembers(SchemaReferences references, JsonElement properties, JsonElement value, string path, List<string> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in properties.EnumerateObject())
        {
            if (value.TryGetProperty(member.Name, out var inner))
            {
                Check(references, member.Value, inner, $"{path}.{member.Name}", faults);
            }
        }
    }

    private static IEnumerable<string> Types(JsonElement rule)
        => rule.ValueKind == JsonValueKind.Array ? rule.EnumerateArray().Select(type => type.GetString()!) : [rule.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "array" => value.ValueKind == JsonValueKind.Array,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new NotSupportedException($"type {type} is not checked"),
    };

    private static bool HasFormat(string format, string text) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", RegexOptions.ECMAScript)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        _ => throw new NotSupportedException($"format {format} is not checked"),
    };
}
