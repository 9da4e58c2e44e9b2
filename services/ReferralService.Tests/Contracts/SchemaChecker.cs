using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Contracts;

/// <summary>Checks a document against a schema of the keywords that our schemas use. A keyword that it does not know is an error: it never passes over a rule.</summary>
internal static class SchemaChecker
{
    private static readonly HashSet<string> Annotations = ["$schema", "$id", "title", "description"];

    /// <returns>What is wrong, each with its path; empty when the document is valid.</returns>
    public static IReadOnlyList<string> Check(JsonElement schema, JsonElement value)
    {
        var faults = new List<string>();
        Check(schema, value, "$", faults);
        return faults;
    }

    private static void Check(JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        foreach (var rule in schema.EnumerateObject().Where(rule => !Annotations.Contains(rule.Name)))
        {
            CheckRule(rule, value, path, faults);
        }
    }

    private static void CheckRule(JsonProperty rule, JsonElement value, string path, List<string> faults)
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
                CheckMembers(rule.Value, value, path, faults);
                break;
            case "anyOf":
                Require(rule.Value.EnumerateArray().Any(branch => Check(branch, value).Count == 0), "fits none of the shapes");
                break;
            default:
                throw new NotSupportedException($"keyword {rule.Name} is not checked");
        }

        void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                faults.Add($"{path}: {otherwise}");
            }
        }
    }

    private static void CheckMembers(JsonElement properties, JsonElement value, string path, List<string> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in properties.EnumerateObject())
        {
            if (value.TryGetProperty(member.Name, out var inner))
            {
                Check(member.Value, inner, $"{path}.{member.Name}", faults);
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
