using System.Text.Json.Nodes;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>Ways of breaking a resource, each where it can be: false when this resource has nothing to break in that way.</summary>
internal static class Breaks
{
    public static IReadOnlyList<(string Name, Func<JsonObject, bool> Apply)> All { get; } =
    [
        ("unknown-element", r => Put(r, "nickname", "x")),
        ("missing-required", MissingRequired),
        ("list-for-one", r => Change(r, v => v["status"] is JsonValue s ? Put(v, "status", new JsonArray(s.DeepClone())) : false)),
        ("one-for-list", r => Change(r, v => v["coding"] is JsonArray { Count: > 0 } c && Put(v, "coding", c[0]!.DeepClone()))),
        ("text-for-number", r => Change(r, v => v["value"] is JsonValue n && n.GetValueKind() == System.Text.Json.JsonValueKind.Number && Put(v, "value", n.ToJsonString()))),
        ("text-for-boolean", r => r["resourceType"]!.ToString() == "Patient" && Put(r, "active", "true")),
        ("bad-date", r => Change(r, v => Any(v, n => n.Contains("date", StringComparison.OrdinalIgnoreCase), "2026-13-01"))),
        ("bad-id", r => Put(r, "id", "a b/c")),
        ("unknown-code", r => Any(r, n => n is "status" or "gender", "no-such-code")),
        ("two-choices", r => r["resourceType"]!.ToString() switch
        {
            "Patient" => Put(r, "deceasedBoolean", true) && Put(r, "deceasedDateTime", "2020"),
            "Observation" => Put(r, "valueString", "x") && Put(r, "valueBoolean", true),
            _ => false,
        }),
        ("wrong-target", r => r["subject"] is JsonObject && Put(r, "subject", new JsonObject { ["reference"] = "Medication/1" })),
        ("unknown-contained", r => Put(r, "contained", new JsonArray(new JsonObject { ["resourceType"] = "Nonsense", ["id"] = "n" }))),
        ("empty-list", r => Put(r, "extension", new JsonArray())),
        ("empty-object", r => Put(r, "meta", new JsonObject())),
        ("null", r => Put(r, "language", null)),
        ("empty-text", r => Put(r, "language", "")),
        ("broken-local", r => Put(r, "extension", new JsonArray(new JsonObject { ["url"] = "http://example.org/x", ["valueReference"] = new JsonObject { ["reference"] = "#nobody" } }))),
        ("empty-extension", r => Put(r, "extension", new JsonArray(new JsonObject { ["url"] = "http://example.org/x" }))),
        ("period-reversed", r => Put(r, "extension", new JsonArray(new JsonObject { ["url"] = "http://example.org/x", ["valuePeriod"] = new JsonObject { ["start"] = "2026-02-01", ["end"] = "2026-01-01" } }))),
        ("script-in-narrative", r => Put(r, "text", new JsonObject { ["status"] = "generated", ["div"] = "<div xmlns=\"http://www.w3.org/1999/xhtml\">x<script>y</script></div>" })),
        ("space-in-uri", r => Put(r, "implicitRules", "http://x y")),
        ("day-not-in-the-calendar", r => Change(r, v => Any(v, n => n is "birthDate" or "effectiveDateTime" or "authoredOn" or "recorded" or "date", "2026-02-30"))),
    ];

    private static bool MissingRequired(JsonObject resource)
    {
        string? name = resource["resourceType"]!.ToString() switch
        {
            "Observation" or "DiagnosticReport" => "code", "ServiceRequest" => "subject", "Composition" => "title", "Provenance" => "agent", "ImagingStudy" => "subject", "Media" => "content", _ => null,
        };
        return name is not null && resource.Remove(name);
    }

    private static bool Put(JsonObject element, string name, JsonNode? value)
    {
        element[name] = value;
        return true;
    }

    private static bool Any(JsonObject element, Func<string, bool> named, string value)
    {
        string? name = element.FirstOrDefault(p => named(p.Key) && p.Value is JsonValue v && v.GetValueKind() == System.Text.Json.JsonValueKind.String).Key;
        return name is not null && Put(element, name, value);
    }

    /// <summary>The first object, from the outside in, that a change applies to.</summary>
    private static bool Change(JsonNode? node, Func<JsonObject, bool> apply) => node switch
    {
        JsonObject element => apply(element) || element.Select(p => p.Value).ToList().Exists(v => Change(v, apply)),
        JsonArray list => list.ToList().Exists(v => Change(v, apply)),
        _ => false,
    };
}
