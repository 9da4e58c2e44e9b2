using System.Globalization;
using System.Text.Json;
using ReferralService.Fhir.References;
using ReferralService.Ledger;

namespace ReferralService.Intake.Notifications;

/// <summary>Collects what a topic notification tells of its subscription: which one it is, and which of its numbered events.</summary>
/// <remarks>Backport, R4: event-number and events-since-subscription-start are valueStrings; servers send them as numbers, too. What is no number, or negative, counts as not told.</remarks>
internal sealed class EventTally
{
    private readonly SortedSet<long> _events = [];
    private string? _resourceId;
    private long? _total;
    private DateTimeOffset? _happened;
    private DateTimeOffset? _sent;

    public void Subscription(string? reference)
    {
        if (reference is not null && FhirReference.Parse(reference) is { Type: "Subscription", Id: { } id }) _resourceId = id;
    }

    public void Total(JsonElement value) => _total = Number(value) ?? _total;

    public void Event(JsonElement number, string? at)
    {
        if (Number(number) is { } counted) _events.Add(counted);
        if (Instant(at) is { } happened && (_happened is null || happened > _happened)) _happened = happened;
    }

    public void Sent(string? at) => _sent = Instant(at);

    public SubscriptionNews Conclude(string? status) => new(_resourceId, status, [.. _events], _total, _happened ?? _sent);

    private static long? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) => number,
        JsonValueKind.Number when value.TryGetInt64(out long number) && number >= 0 => number,
        _ => null,
    };

    private static DateTimeOffset? Instant(string? text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
