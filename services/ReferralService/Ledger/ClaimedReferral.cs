namespace ReferralService.Ledger;

/// <summary>A due referral that the dispatcher has leased; a wake-up carries id and fence.</summary>
internal sealed record ClaimedReferral(ReferralId Id, long Fence, ReferralState State, string Ehr, string? Recipient, int Crashes);

/// <summary>How many more of what may be claimed now: the dispatcher's free places.</summary>
/// <param name="Most">In all.</param>
/// <param name="Lease">How long the claim holds until the step begins.</param>
/// <param name="FullEhrs">EHRs with no free place: their gathering rows are left.</param>
/// <param name="FullRecipients">Recipients with no free place: their delivery rows are left.</param>
internal sealed record ClaimLimits(int Most, TimeSpan Lease, IReadOnlyCollection<string> FullEhrs, IReadOnlyCollection<string> FullRecipients);
