using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Intake;

namespace ReferralService.Gathering.Subscriptions;

/// <summary>Writes a Subscription as R4 (subscription.html) and the Subscriptions R5 Backport for R4 have it.</summary>
internal static class SubscriptionBody
{
    private const string Backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

    /// <summary>Seconds the EHR is to wait for our answer to a hook; we answer when the ledger has it.</summary>
    private const int Timeout = 30;

    /// <summary>Events in one hook; ten times as many are still named one by one.</summary>
    private const int MaxCount = 100;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="id">Null where the EHR chooses it.</param>
    /// <param name="filters">In place of the plan's: none, or those that the EHR could take.</param>
    public static HttpContent Write(SubscriptionPlan plan, string? id, IReadOnlyList<string> filters, DateTimeOffset end)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            bool topic = plan.Kind == SubscribeMode.Topic;
            json.WriteStartObject();
            json.WriteString("resourceType", "Subscription");
            if (id is not null) json.WriteString("id", id);
            if (topic) WriteProfile(json);
            // A client asks, the server makes it active.
            json.WriteString("status", "requested");
            json.WriteString("end", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("reason", plan.Reason);
            json.WriteString("criteria", plan.Criteria);
            if (filters.Count > 0)
            {
                json.WriteStartObject("_criteria");
                WriteExtensions(json, [.. filters.Select(filter => (SubscriptionView.FilterExtension, "valueString", (object)filter))]);
                json.WriteEndObject();
            }

            WriteChannel(json, plan, topic);
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(buffer.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/fhir+json");
        return content;
    }

    private static void WriteProfile(Utf8JsonWriter json)
    {
        json.WriteStartObject("meta");
        json.WriteStartArray("profile");
        json.WriteStringValue(Backport + "backport-subscription");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteChannel(Utf8JsonWriter json, SubscriptionPlan plan, bool topic)
    {
        json.WriteStartObject("channel");
        // Classic hooks are given up after a minute (HAPI) or four tries (Medplum) unless more is asked for. Others pass unknown extensions over.
        WriteExtensions(json, topic
            ?
            [
                (Backport + "backport-heartbeat-period", "valueUnsignedInt", (int)plan.Heartbeat.TotalSeconds), (Backport + "backport-timeout", "valueUnsignedInt", Timeout),
                (Backport + "backport-max-count", "valuePositiveInt", MaxCount),
            ]
            : [("http://hapifhir.io/fhir/StructureDefinition/subscription-delivery-retry-count", "valueInteger", 10)]);
        json.WriteString("type", "rest-hook");
        json.WriteString("endpoint", plan.Endpoint);
        if (plan.Payload is { } payload) json.WriteString("payload", payload);
        if (topic)
        {
            json.WriteStartObject("_payload");
            WriteExtensions(json, [(Backport + "backport-payload-content", "valueCode", "id-only")]);
            json.WriteEndObject();
        }

        json.WriteStartArray("header");
        json.WriteStringValue(plan.Header);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExtensions(Utf8JsonWriter json, IReadOnlyList<(string Url, string Type, object Value)> extensions)
    {
        json.WriteStartArray("extension");
        foreach (var (url, type, value) in extensions)
        {
            json.WriteStartObject();
            json.WriteString("url", url);
            json.WritePropertyName(type);
            if (value is int number) json.WriteNumberValue(number);
            else json.WriteStringValue((string)value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
