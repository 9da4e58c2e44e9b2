namespace ReferralService.Ledger;

/// <summary>A due referral that the dispatcher has leased; a wake-up carries id and fence.</summary>
internal sealed record ClaimedReferral(ReferralId Id, long Fence, ReferralState State, string Ehr, string? Recipient, int Crashes);

/// <summary>How much may be claimed now.</summary>
/// <param name="Most">In all: the dispatcher's free places.</param>
/// <param name="Lease">How long the claim holds until the step begins.</param>
/// <param name="PerEhr">Gathering rows of one EHR under lease at once, of all replicas together.</param>
/// <param name="PerRecipient">Delivery rows of one recipient, likewise: one that hangs fills its own places and no others.</param>
internal sealed record ClaimLimits(int Most, TimeSpan Lease, int PerEhr, int PerRecipient)
{
    /// <summary>Whether <see cref="Most"/> is room that partners share: none may then have more than half of what is left free.</summary>
    public bool Shared { get; init; }
}
