using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ReferralService.Sandbox.SyntheticPatients;

/// <summary>An invented resource as a server would store it.</summary>
/// <param name="Key"><c>Type/id</c>.</param>
internal readonly record struct SyntheticResource(string Key, ReadOnlyMemory<byte> Utf8)
{
    public string Type => Key[..Key.IndexOf('/')];

    /// <summary>From a template: white space between tokens goes, every number and string stays as written. The rest is put behind resourceType.</summary>
    /// <param name="template">A JSON object without resourceType, id and meta.</param>
    public static SyntheticResource Of(string type, string id, DateTimeOffset updated, string template) => Make(type, id, updated, null, template);

    /// <summary>The same with security labels.</summary>
    /// <param name="security">Of <c>meta.security</c>: a JSON array.</param>
    public static SyntheticResource Labelled(string type, string id, DateTimeOffset updated, string security, string template) => Make(type, id, updated, security, template);

    /// <summary>The same, its template left exactly as it is laid out: odd, and valid.</summary>
    public static SyntheticResource Verbatim(string type, string id, DateTimeOffset updated, string template)
        => new($"{type}/{id}", Encoding.UTF8.GetBytes(
            $"{{\n  \"resourceType\": \"{type}\",\n  \"id\": \"{id}\",\n  \"meta\": {{ \"versionId\": \"1\", \"lastUpdated\": \"{Repository.StoredResource.Instant(updated)}\" }},{template.Trim()[1..]}"));

    private static SyntheticResource Make(string type, string id, DateTimeOffset updated, string? security, string template)
    {
        var buffer = new MemoryStream();
        using (var document = JsonDocument.Parse(template))
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("resourceType", type);
            json.WriteString("id", id);
            json.WriteStartObject("meta");
            json.WriteString("versionId", "1");
            json.WriteString("lastUpdated", Repository.StoredResource.Instant(updated));
            if (security is not null)
            {
                json.WritePropertyName("security");
                json.WriteRawValue(security);
            }
            json.WriteEndObject();
            foreach (var member in document.RootElement.EnumerateObject()) member.WriteTo(json);
            json.WriteEndObject();
        }
        return new SyntheticResource($"{type}/{id}", buffer.ToArray());
    }
}
