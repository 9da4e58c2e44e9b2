using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using ReferralService.Contracts;
using ReferralService.Packaging;
using ReferralService.Packaging.Conformance;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Tests.Contracts;

/// <summary>JSON Schema 2020-12 of the public messages, made from the records: their types, their attributes, their documentation.</summary>
internal static class SchemaGenerator
{
    internal static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>Words of the manifest that are all there are.</summary>
    private static readonly Dictionary<(Type, string), string[]> ClosedLists = new()
    {
        [(typeof(ManifestCheck), nameof(ManifestCheck.Status))] = ["present", "stale", "absent"],
        [(typeof(ManifestCheck), nameof(ManifestCheck.Need))] = ["must", "should"],
        [(typeof(ManifestFinding), nameof(ManifestFinding.Severity))] = ["error", "warning"],
        [(typeof(ConsentAccount), nameof(ConsentAccount.Basis))] = ["consent", "default"],
        [(typeof(ConsentAccount), nameof(ConsentAccount.Default))] = Enum.GetNames<ConsentDefault>(),
        [(typeof(ConsentAccountEntry), nameof(ConsentAccountEntry.Decision))] =
            ["permits", "denies", "mixed", "silent", "not-active", "other-scope", "other-patient", "not-in-force"],
    };

    /// <summary>Every schema file: name to content.</summary>
    public static IReadOnlyDictionary<string, string> All() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["manifest.json"] = Manifest(),
        ["command-answer.json"] = Message(ContractsJson.Default.CommandAnswer, "command-answer"),
        ["reason-code.json"] = Write("reason-code", "ReasonCode", new JsonObject
        {
            ["description"] = ContractDocs.Of(typeof(ReasonCodes)),
            ["type"] = "string",
            ["enum"] = Names(ReasonCodes.All),
        }),
        ["referral-command.json"] = Message(ContractsJson.Default.ReferralCommand, "referral-command"),
        ["status-event.json"] = Message(ContractsJson.Default.StatusEvent, "status-event"),
    };

    /// <summary>What /api/referrals/{id}/manifest and /api/referrals/preview answer.</summary>
    private static string Manifest()
    {
        var schema = PackageManifestJson.Default.PackageManifest.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe }).AsObject();
        schema.Remove("title");
        return Write("manifest", "Manifest", schema);
    }

    private static string Message(JsonTypeInfo type, string name)
    {
        var options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };
        var schema = type.GetJsonSchemaAsNode(options).AsObject();
        schema.Remove("title");
        return Write(name, type.Type.Name, schema);
    }

    /// <summary>Schema of what an endpoint answers: all that is not left out when there is nothing to say is always there.</summary>
    public static JsonObject Answer(JsonTypeInfo type)
        => type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                var schema = Describe(context, node);
                if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
                {
                    schema["required"] = Names(context.TypeInfo.Properties.Where(property => property.ShouldSerialize is null).Select(property => property.Name));
                }

                return schema;
            },
        }).AsObject();

    private static string Write(string name, string title, JsonObject schema)
    {
        var document = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:referral-service:schema:{name}",
            ["title"] = title,
        };
        foreach (var (key, value) in schema.ToList())
        {
            schema.Remove(key);
            document[key] = value;
        }

        return document.ToJsonString(Layout) + "\n";
    }

    private static JsonObject Describe(JsonSchemaExporterContext context, JsonNode node)
    {
        var schema = node as JsonObject ?? [];
        var member = Member(context.PropertyInfo);
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(DateTimeOffset))
        {
            Put(schema, "type", type != context.TypeInfo.Type ? new JsonArray("string", "null") : "string");
            Put(schema, "format", "date-time");
        }

        foreach (var rule in member?.GetCustomAttributes<ValidationAttribute>() ?? [])
        {
            Apply(schema, rule);
        }

        if (member is { Name: nameof(StatusEvent.Type) } && typeof(StatusEvent).IsAssignableFrom(member.DeclaringType))
        {
            Put(schema, "enum", Names(EventTypes.All));
        }
        else if (member is { Name: nameof(StatusEventData.State) } && typeof(StatusEventData).IsAssignableFrom(member.DeclaringType))
        {
            Put(schema, "enum", Names(StateNames.All));
        }

        else if (member is not null && ClosedLists.TryGetValue((member.DeclaringType!, member.Name), out var allowed))
        {
            Put(schema, "enum", Names(allowed));
        }

        if ((member is null ? ContractDocs.Of(type) : ContractDocs.Of(member)) is { } description)
        {
            schema.Remove("description");
            schema.Insert(0, "description", description);
        }

        return schema;
    }

    private static void Apply(JsonObject schema, ValidationAttribute rule)
    {
        switch (rule)
        {
            case RegularExpressionAttribute expression:
                Put(schema, "pattern", expression.Pattern);
                break;
            case AllowedValuesAttribute { Values: [string only] }:
                Put(schema, "const", only);
                break;
            case System.ComponentModel.DataAnnotations.RangeAttribute range:
                Put(schema, "minimum", (int)range.Minimum);
                break;
            case StringLengthAttribute length:
                if (length.MinimumLength > 0)
                {
                    Put(schema, "minLength", length.MinimumLength);
                }

                Put(schema, "maxLength", length.MaximumLength);
                break;
            default:
                throw new NotSupportedException($"no schema is written for {rule.GetType().Name}");
        }
    }

    /// <summary>The property as declared: a derived record's inherited members are documented on its base.</summary>
    private static PropertyInfo? Member(JsonPropertyInfo? property)
        => property is null
            ? null
            : Declared(property.DeclaringType, property.Name) ?? throw new InvalidOperationException($"{property.DeclaringType.Name} has no {property.Name}");

    private static PropertyInfo? Declared(Type type, string jsonName)
        => type.GetProperties().SingleOrDefault(candidate => candidate.Name.Equals(jsonName, StringComparison.OrdinalIgnoreCase));

    private static void Put(JsonObject schema, string key, JsonNode value) => schema[key] = value;

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => JsonValue.Create(name))];
}
