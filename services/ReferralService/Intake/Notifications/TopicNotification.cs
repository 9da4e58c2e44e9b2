using System.Collections.Immutable;
using System.Text.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;

namespace ReferralService.Intake.Notifications;

/// <summary>Reads a topic notification: a Bundle whose first entry tells the subscription's status, the others what happened.</summary>
/// <remarks>
/// Subscriptions R5 Backport, R4 form: type <c>history</c> and a Parameters resource. Servers differ (R5's SubscriptionStatus, Bundles
/// marked <c>transaction</c>, events in the entries only), and the Bundle is a hint: what has another shape than expected names nothing.
/// </remarks>
internal static class TopicNotification
{
    /// <summary>Orders one notification may name; one that names more is answered by a sweep, which finds them all.</summary>
    public const int MostOrders = 1000;

    /// <param name="bundle">Checked by <see cref="RawResource.Read(ReadOnlyMemory{byte})"/>; bounded by the limit on bodies, so a document of it is too.</param>
    public static Notification Read(RawResource bundle, Uri ehrBase)
    {
        using var document = JsonDocument.Parse(bundle.Utf8, new JsonDocumentOptions { MaxDepth = 64 });
        var found = new Findings(ehrBase);
        found.Tally.Sent(Text(document.RootElement, "timestamp"));
        foreach (var entry in Items(document.RootElement, "entry"))
        {
            switch (Text(Member(entry, "resource"), "resourceType"))
            {
                case "Parameters":
                    ReadStatus(Member(entry, "resource"), ref found);
                    break;
                case "SubscriptionStatus":
                    ReadR5Status(Member(entry, "resource"), ref found);
                    break;
                default:
                    ReadEvent(entry, ref found);
                    break;
            }
        }

        return found.Conclude();
    }

    private static void ReadStatus(JsonElement parameters, ref Findings found)
    {
        foreach (var parameter in Items(parameters, "parameter"))
        {
            switch (Text(parameter, "name"))
            {
                case "type":
                    found.Kind = Value(parameter);
                    break;
                case "status":
                    found.Status = Value(parameter);
                    break;
                case "subscription":
                    found.Tally.Subscription(Text(Member(parameter, "valueReference"), "reference"));
                    break;
                case "events-since-subscription-start":
                    found.Tally.Total(Counted(parameter));
                    break;
                case "notification-event":
                    ReadHappened(parameter, ref found);
                    break;
            }
        }
    }

    private static void ReadHappened(JsonElement happened, ref Findings found)
    {
        JsonElement number = default;
        string? at = null;
        foreach (var part in Items(happened, "part"))
        {
            switch (Text(part, "name"))
            {
                case "focus":
                    found.Focus(Text(Member(part, "valueReference"), "reference"), null);
                    break;
                case "event-number":
                    number = Counted(part);
                    break;
                case "timestamp":
                    at = Text(part, "valueInstant") ?? Text(part, "valueDateTime");
                    break;
            }
        }

        found.Tally.Event(number, at);
    }

    private static void ReadR5Status(JsonElement status, ref Findings found)
    {
        found.Kind = Text(status, "type");
        found.Status = Text(status, "status");
        found.Tally.Subscription(Text(Member(status, "subscription"), "reference"));
        found.Tally.Total(Member(status, "eventsSinceSubscriptionStart"));
        foreach (var happened in Items(status, "notificationEvent"))
        {
            found.Focus(Text(Member(happened, "focus"), "reference"), null);
            found.Tally.Event(Member(happened, "eventNumber"), Text(happened, "timestamp"));
        }
    }

    private static void ReadEvent(JsonElement entry, ref Findings found)
    {
        var resource = Member(entry, "resource");
        bool isOrder = Text(resource, "resourceType") == OrderReference.Type;
        if (Text(entry, "fullUrl") is { } fullUrl && !fullUrl.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
            found.Focus(fullUrl, isOrder ? Version(resource) : null);
        else if (isOrder && Text(resource, "id") is { } id)
            found.Focus($"{OrderReference.Type}/{id}", Version(resource));
        else
            found.Focus(Text(Member(entry, "request"), "url"), null);
    }

    private static string? Version(JsonElement resource)
        => Text(Member(resource, "meta"), "versionId") is { } version && ResourceTypes.IsId(version) ? version : null;

    /// <summary>A code or string, as which servers send the same thing.</summary>
    private static string? Value(JsonElement parameter) => Text(parameter, "valueCode") ?? Text(parameter, "valueString");

    /// <summary>A count, in the types in which servers send one.</summary>
    private static JsonElement Counted(JsonElement parameter)
    {
        foreach (var name in (ReadOnlySpan<string>)["valueString", "valueUnsignedInt", "valueInteger", "valueInteger64"])
        {
            if (Member(parameter, name) is { ValueKind: not JsonValueKind.Undefined } value) return value;
        }

        return default;
    }

    private static JsonElement Member(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name)
        => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name)
        => Member(element, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : default;

    private struct Findings(Uri ehrBase)
    {
        private readonly OrderedDictionary<string, string?> _orders = new(StringComparer.Ordinal);
        private bool _elsewhere;

        public string? Kind { get; set; }

        public string? Status { get; set; }

        public EventTally Tally { get; } = new();

        public void Focus(string? reference, string? version)
        {
            if (reference is null) return;
            if (OrderReference.Read(reference, ehrBase) is not { } order)
            {
                // An order under another address: perhaps the EHR knows itself by an inner name. Its id is not to be trusted, its news is.
                _elsewhere |= reference.Contains($"{OrderReference.Type}/", StringComparison.Ordinal);
                return;
            }

            _orders[order.Id] = version ?? order.Version ?? _orders.GetValueOrDefault(order.Id);
        }

        public readonly Notification Conclude()
        {
            if (_orders.Count is > 0 and <= MostOrders)
                return new Notification([.. _orders.Select(o => new OrderReference(o.Key, o.Value))], SweepDue: _elsewhere, NoticeSource.Topic) { News = Tally.Conclude(Status) };
            bool quiet = _orders.Count == 0 && !_elsewhere && Kind is "handshake" or "heartbeat" or "query-status" && Status is not ("error" or "off");
            return (quiet ? Notification.NoNews : new Notification([], SweepDue: true, NoticeSource.Topic)) with { News = Tally.Conclude(Status) };
        }
    }
}
