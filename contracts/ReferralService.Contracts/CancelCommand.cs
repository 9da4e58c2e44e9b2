namespace ReferralService.Contracts;

/// <summary>Stop this referral. While an attempt is under way the cancel waits for its outcome.</summary>
public sealed record CancelCommand : ReferralCommand
{
    /// <summary>The referral to stop.</summary>
    public required Guid ReferralId { get; init; }
}
