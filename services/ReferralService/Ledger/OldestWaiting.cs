namespace ReferralService.Ledger;

/// <summary>Since when the oldest of the referrals that wait for a partner has waited for it, by the partner's name; who is waited for by nobody is not in it.</summary>
internal sealed record OldestWaiting(IReadOnlyDictionary<string, DateTimeOffset> ByEhr, IReadOnlyDictionary<string, DateTimeOffset> ByRecipient);
