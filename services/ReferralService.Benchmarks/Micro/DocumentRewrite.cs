using System.Text.Json;

namespace ReferralService.Benchmarks.Micro;

/// <summary>The same as <see cref="NodeRewrite"/> by read-only documents and a writer: each body parsed, and written anew with its references replaced.</summary>
internal static class DocumentRewrite
{
    public static byte[] Transaction(IReadOnlyList<byte[]> bodies)
    {
        var parsed = bodies.Select(b => JsonDocument.Parse(b)).ToList();
        var urns = parsed.ToDictionary(r => KeyOf(r.RootElement), _ => $"urn:uuid:{Guid.CreateVersion7():D}", StringComparer.Ordinal);
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("resourceType", "Bundle");
            json.WriteString("type", "transaction");
            json.WriteStartArray("entry");
            foreach (var document in parsed)
            {
                var resource = document.RootElement;
                json.WriteStartObject();
                json.WriteString("fullUrl", urns[KeyOf(resource)]);
                json.WritePropertyName("resource");
                Write(json, resource, urns);
                json.WriteStartObject("request");
                json.WriteString("method", "POST");
                json.WriteString("url", resource.GetProperty("resourceType").GetString());
                json.WriteEndObject();
                json.WriteEndObject();
                document.Dispose();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.ToArray();
    }

    private static string KeyOf(JsonElement resource) => $"{resource.GetProperty("resourceType").GetString()}/{resource.GetProperty("id").GetString()}";

    private static void Write(Utf8JsonWriter json, JsonElement value, Dictionary<string, string> urns)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            json.WriteStartObject();
            foreach (var member in value.EnumerateObject())
            {
                if (member.NameEquals("reference"u8) && member.Value.ValueKind == JsonValueKind.String)
                {
                    var reference = member.Value.GetString()!;
                    json.WriteString("reference"u8, urns.GetValueOrDefault(reference, reference.Contains(':') ? reference : $"{SampleRecord.Ehr}/{reference}"));
                    continue;
                }

                json.WritePropertyName(member.Name);
                Write(json, member.Value, urns);
            }

            json.WriteEndObject();
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray();
            foreach (var item in value.EnumerateArray()) Write(json, item, urns);
            json.WriteEndArray();
        }
        else
        {
            value.WriteTo(json);
        }
    }
}
