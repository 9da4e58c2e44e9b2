using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ReferralService.Contracts;

/// <summary>One step of one referral: a CloudEvents 1.0 event in JSON, published to exchange <c>referral.status</c> with routing key <c>referral.{ehr}.{event}</c>.</summary>
/// <remarks>
/// At least once: the same event may come again, always under the same <see cref="Id"/>. Of one referral a later event is never published before
/// the broker has confirmed the earlier one. Source of the shape: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
/// </remarks>
public sealed record StatusEvent
{
    /// <summary>Version of the CloudEvents specification.</summary>
    [JsonPropertyName("specversion")]
    [AllowedValues("1.0")]
    public required string SpecVersion { get; init; }

    /// <summary>Names the event for ever; also the AMQP message-id. A UUID.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who tells: always /referral-service.</summary>
    [AllowedValues("/referral-service")]
    public required string Source { get; init; }

    /// <summary>What happened: one of EventTypes; also the AMQP type. Those from accepted to patient-copy-opened are not sent yet. A reader leaves types that it does not know alone.</summary>
    public required string Type { get; init; }

    /// <summary>The referral's id; also the AMQP correlation-id.</summary>
    public required Guid Subject { get; init; }

    /// <summary>When it happened: UTC, in milliseconds.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset Time { get; init; }

    /// <summary>Counts the events of one referral: 1, 2, 3 … without gaps.</summary>
    [Range(1, int.MaxValue)]
    public required int Sequence { get; init; }

    /// <summary>Media type of the data.</summary>
    [JsonPropertyName("datacontenttype")]
    [AllowedValues("application/json")]
    public required string DataContentType { get; init; }

    /// <summary>Where the referral stands after this step.</summary>
    public required StatusEventData Data { get; init; }
}
