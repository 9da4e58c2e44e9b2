using System.Text.Json;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Serving;

/// <summary>What a server tells of itself at /metadata.</summary>
/// <param name="SystemInteractions">At the base: <c>transaction</c>, <c>batch</c>.</param>
/// <param name="Writes">Per type: <c>create</c>, <c>update</c>, <c>delete</c>.</param>
/// <param name="HidesDate">The parameter <c>date</c> is not there.</param>
internal sealed record CapabilityStatement(
    string Title, IReadOnlyList<string> SystemInteractions, Func<string, IReadOnlyList<string>> Writes, IReadOnlyList<string> Types, Func<string, bool> UpdateCreate, bool HidesDate, bool ConditionalCreate = false)
{
    public byte[] Write(DateTimeOffset date)
    {
        var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("resourceType", "CapabilityStatement");
        json.WriteString("status", "active");
        json.WriteString("date", StoredResource.Instant(date));
        json.WriteString("kind", "instance");
        json.WriteStartObject("software");
        json.WriteString("name", Title);
        json.WriteEndObject();
        json.WriteStartObject("implementation");
        json.WriteString("description", Title + ": synthetic data only");
        json.WriteEndObject();
        json.WriteString("fhirVersion", "4.0.1");
        json.WriteStartArray("format");
        json.WriteStringValue("json");
        json.WriteEndArray();
        json.WriteStartArray("rest");
        json.WriteStartObject();
        json.WriteString("mode", "server");
        json.WriteStartArray("resource");
        foreach (var type in Types) Resource(json, type);
        json.WriteEndArray();
        Codes(json, "interaction", SystemInteractions);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.ToArray();
    }

    private void Resource(Utf8JsonWriter json, string type)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        Codes(json, "interaction", ["read", "vread", "search-type", .. Writes(type)]);
        json.WriteString("versioning", "versioned");
        json.WriteBoolean("updateCreate", UpdateCreate(type) && Writes(type).Contains("update"));
        if (ConditionalCreate) json.WriteBoolean("conditionalCreate", true);
        json.WriteStartArray("searchParam");
        Parameter(json, "_id", SearchKind.Token);
        Parameter(json, "_lastUpdated", SearchKind.Date);
        foreach (var parameter in SearchParameters.Of(type)!)
        {
            if (!HidesDate || parameter.Name != "date") Parameter(json, parameter.Name, parameter.Kind);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Parameter(Utf8JsonWriter json, string name, SearchKind kind)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("type", kind.ToString().ToLowerInvariant());
        json.WriteEndObject();
    }

    private static void Codes(Utf8JsonWriter json, string name, IReadOnlyList<string> codes)
    {
        if (codes.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var code in codes)
        {
            json.WriteStartObject();
            json.WriteString("code", code);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
