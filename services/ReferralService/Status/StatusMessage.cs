using System.Text.Json;
using RabbitMQ.Client;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Status;

/// <summary>An event as it goes over the wire (interfaces §4). The same event gives the same message, however often it is sent.</summary>
internal sealed record StatusMessage(string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body)
{
    public const string Exchange = "referral.status";
    public const string ContentType = "application/cloudevents+json";
    private const string Source = "/referral-service";

    public static StatusMessage Of(OutboxEvent waiting)
    {
        var entry = waiting.Entry;
        if (entry is not { EventId: { } id, Sequence: { } sequence })
        {
            throw new ArgumentException("a note is no event", nameof(waiting));
        }

        var type = EventTypes.Prefix + entry.Event;
        var body = new StatusEvent
        {
            SpecVersion = "1.0",
            Id = id,
            Source = Source,
            Type = type,
            Subject = waiting.Referral.Value,
            Time = entry.At,
            Sequence = sequence,
            DataContentType = "application/json",
            Data = DataOf(waiting, entry),
        };
        return new(
            $"{EventTypes.Prefix}{waiting.Ehr}.{entry.Event}",
            PropertiesOf(waiting, id, type),
            JsonSerializer.SerializeToUtf8Bytes(body, ContractsJson.Default.StatusEvent));
    }

    private static StatusEventData DataOf(OutboxEvent waiting, TimelineEntry entry) => new()
    {
        ReferralId = waiting.Referral.Value,
        Ehr = waiting.Ehr,
        ServiceRequest = $"ServiceRequest/{waiting.OrderId}",
        State = entry.State.Name(),
        Recipient = entry.Recipient,
        Attempt = entry.Attempt,
        PackageId = entry.PackageId,
        PackageDigest = entry.PackageDigest,
        Entries = entry.Entries,
        ErrorCode = entry.ErrorCode,
        NextAttemptAt = entry.NextAttemptAt,
    };

    private static BasicProperties PropertiesOf(OutboxEvent waiting, Guid id, string type)
    {
        var properties = new BasicProperties
        {
            Persistent = true,
            MessageId = id.ToString("D"),
            CorrelationId = waiting.Referral.ToString(),
            Type = type,
            ContentType = ContentType,
        };
        if (waiting.TraceParent is { } traceParent)
        {
            properties.Headers = new Dictionary<string, object?> { ["traceparent"] = traceParent };
        }

        return properties;
    }
}
