using System.ComponentModel.DataAnnotations;

namespace ReferralService.Contracts;

/// <summary>Refer this order. Answered with the referral that it joined or created.</summary>
public sealed record SubmitCommand : ReferralCommand
{
    /// <summary>Name of the EHR in the service's configuration.</summary>
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public required string Ehr { get; init; }

    /// <summary>The order: <c>ServiceRequest/{id}</c>, the bare id, or its absolute URL at this EHR.</summary>
    [StringLength(2048, MinimumLength = 1)]
    public required string ServiceRequest { get; init; }

    /// <summary>Name of the recipient in the service's configuration; absent: as the order says.</summary>
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public string? Recipient { get; init; }
}
