using System.Globalization;
using System.Text.Json;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Ehr;

/// <summary>An event of a topic subscription: numbered from 1, told or not.</summary>
internal sealed record TopicEvent(long Number, DateTimeOffset At, string Focus);

/// <summary>Writes what a topic subscription tells, content id-only: a history Bundle, first its status as Parameters, then an entry for each event (Subscriptions R5 Backport, notifications for R4).</summary>
internal static class TopicBundle
{
    /// <param name="type">handshake, heartbeat, event-notification, query-status or query-event.</param>
    public static byte[] Write(string serverBase, string id, string topic, string status, string type, long total, IReadOnlyList<TopicEvent> events, DateTimeOffset now)
    {
        var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("resourceType", "Bundle");
        json.WriteString("type", type == "query-status" ? "searchset" : "history");
        json.WriteString("timestamp", StoredResource.Instant(now));
        json.WriteStartArray("entry");
        json.WriteStartObject();
        json.WriteString("fullUrl", $"urn:uuid:{Guid.CreateVersion7(now):D}");
        WriteStatus(json, serverBase, id, topic, status, type, total, events);
        if (type == "query-status") WriteObject(json, "search", ("mode", "match"));
        else WriteHow(json, $"{serverBase}/Subscription/{id}/$status");
        json.WriteEndObject();
        foreach (var one in events)
        {
            json.WriteStartObject();
            json.WriteString("fullUrl", $"{serverBase}/{one.Focus}");
            WriteHow(json, one.Focus);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.ToArray();
    }

    private static void WriteStatus(Utf8JsonWriter json, string serverBase, string id, string topic, string status, string type, long total, IReadOnlyList<TopicEvent> events)
    {
        json.WriteStartObject("resource");
        json.WriteString("resourceType", "Parameters");
        json.WriteStartArray("parameter");
        json.WriteStartObject();
        json.WriteString("name", "subscription");
        WriteObject(json, "valueReference", ("reference", $"{serverBase}/Subscription/{id}"));
        json.WriteEndObject();
        WriteObject(json, null, ("name", "topic"), ("valueCanonical", topic));
        WriteObject(json, null, ("name", "status"), ("valueCode", status));
        WriteObject(json, null, ("name", "type"), ("valueCode", type));
        WriteObject(json, null, ("name", "events-since-subscription-start"), ("valueString", total.ToString(CultureInfo.InvariantCulture)));
        foreach (var one in events)
        {
            json.WriteStartObject();
            json.WriteString("name", "notification-event");
            json.WriteStartArray("part");
            WriteObject(json, null, ("name", "event-number"), ("valueString", one.Number.ToString(CultureInfo.InvariantCulture)));
            WriteObject(json, null, ("name", "timestamp"), ("valueInstant", StoredResource.Instant(one.At)));
            json.WriteStartObject();
            json.WriteString("name", "focus");
            WriteObject(json, "valueReference", ("reference", $"{serverBase}/{one.Focus}"));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteHow(Utf8JsonWriter json, string url)
    {
        WriteObject(json, "request", ("method", "GET"), ("url", url));
        WriteObject(json, "response", ("status", "200"));
    }

    private static void WriteObject(Utf8JsonWriter json, string? name, params ReadOnlySpan<(string Name, string Value)> members)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        foreach (var (member, value) in members) json.WriteString(member, value);
        json.WriteEndObject();
    }
}
