using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ReferralService.Contracts;

/// <summary>Where a referral stands after a step: ids, codes, counts and times, nothing of the patient. What does not apply is null.</summary>
public sealed record StatusEventData
{
    /// <summary>The referral's id.</summary>
    public required Guid ReferralId { get; init; }

    /// <summary>Name of the EHR in the service's configuration.</summary>
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public required string Ehr { get; init; }

    /// <summary>The order, relative to the EHR's base URL.</summary>
    [RegularExpression(@"^ServiceRequest/[A-Za-z0-9\-._~]{1,256}$")]
    public required string ServiceRequest { get; init; }

    /// <summary>State after the step: one of StateNames.</summary>
    public required string State { get; init; }

    /// <summary>Name of the recipient in the service's configuration; null until it is known.</summary>
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public string? Recipient { get; init; }

    /// <summary>Delivery attempts since the last retry; 0 before the first.</summary>
    [Range(0, int.MaxValue)]
    public required int Attempt { get; init; }

    /// <summary>The package sent or to be sent; null before there is one.</summary>
    public Guid? PackageId { get; init; }

    /// <summary>SHA-256 of the package's bytes.</summary>
    [RegularExpression("^sha-256:[0-9a-f]{64}$")]
    public string? PackageDigest { get; init; }

    /// <summary>Entries of the package's Bundle.</summary>
    [Range(0, int.MaxValue)]
    public int? Entries { get; init; }

    /// <summary>Why it is held, failed, cancelled or deferred: one of ReasonCodes. The list grows; a reader treats a code that it does not know like any other.</summary>
    [RegularExpression("^[a-z0-9-]{1,64}$")]
    public string? ErrorCode { get; init; }

    /// <summary>When it will be tried again; null when it will not by itself.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? NextAttemptAt { get; init; }
}
