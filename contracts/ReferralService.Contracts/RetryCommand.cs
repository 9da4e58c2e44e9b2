using System.ComponentModel.DataAnnotations;

namespace ReferralService.Contracts;

/// <summary>Send a referral that is held, failed or waiting on its way again.</summary>
public sealed record RetryCommand : ReferralCommand
{
    /// <summary>The referral to go on with.</summary>
    public required Guid ReferralId { get; init; }

    /// <summary>Name of the recipient it shall go to; absent: as before.</summary>
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public string? Recipient { get; init; }
}
