using System.Buffers;
using System.Text.Json;
using ReferralService.Intake.Settings;

namespace ReferralService.Intake;

/// <summary>GET /fhir/metadata: says honestly that this is no FHIR store, but takes notifications.</summary>
internal static class CapabilityEndpoint
{
    /// <summary>When what the statement says last changed.</summary>
    private const string ChangedOn = "2026-11-23";

    public static void Map(WebApplication app)
    {
        var statement = Write(app.Services.GetRequiredService<PublicAddress>());
        app.MapGet("/fhir/metadata", (HttpContext context) =>
        {
            context.Response.ContentType = "application/fhir+json; charset=utf-8";
            context.Response.ContentLength = statement.Length;
            return context.Response.Body.WriteAsync(statement, context.RequestAborted).AsTask();
        });
    }

    private static ReadOnlyMemory<byte> Write(PublicAddress address)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("resourceType", "CapabilityStatement");
            json.WriteString("status", "active");
            json.WriteString("date", ChangedOn);
            json.WriteString("kind", "instance");
            json.WriteStartObject("software");
            json.WriteString("name", "ReferralService");
            json.WriteString("version", typeof(CapabilityEndpoint).Assembly.GetName().Version!.ToString(3));
            json.WriteEndObject();
            json.WriteStartObject("implementation");
            json.WriteString("description", "Hears of referrals, packages the record and delivers it. It keeps no resources that could be read or searched here but AuditEvents of what was disclosed.");
            if (address.Url is { } url) json.WriteString("url", $"{url.AbsoluteUri.TrimEnd('/')}/fhir");
            json.WriteEndObject();
            json.WriteString("fhirVersion", "4.0.1");
            json.WriteStartArray("format");
            json.WriteStringValue("json");
            json.WriteEndArray();
            json.WriteStartArray("rest");
            json.WriteStartObject();
            json.WriteString("mode", "server");
            json.WriteString("documentation",
                "rest-hook endpoint of Subscriptions on ServiceRequest: POST notify/{ehr} (empty, a ServiceRequest, or a topic notification Bundle) and PUT notify/{ehr}/ServiceRequest/{id}.");
            json.WriteStartObject("security");
            json.WriteString("description", "Authorization: Bearer with the EHR's secret, or X-Signature with the hexadecimal HMAC-SHA256 of the body.");
            json.WriteEndObject();
            WriteAuditEvents(json);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteAuditEvents(Utf8JsonWriter json)
    {
        json.WriteStartArray("resource");
        json.WriteStartObject();
        json.WriteString("type", "AuditEvent");
        json.WriteStartArray("interaction");
        foreach (var code in new[] { "read", "search-type" }) WriteOne("code", code);
        json.WriteEndArray();
        json.WriteStartArray("searchParam");
        foreach (var (name, type) in new[] { ("patient", "reference"), ("date", "date") }) WriteOne("name", name, ("type", type));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();

        void WriteOne(string name, string value, (string Name, string Value)? more = null)
        {
            json.WriteStartObject();
            json.WriteString(name, value);
            if (more is var (second, text)) json.WriteString(second, text);
            json.WriteEndObject();
        }
    }
}
