namespace ReferralService.Ledger;

/// <summary>When the first of the referrals that wait for a partner fell due, or will, by the partner's name; who is waited for by nobody is not in it.</summary>
internal sealed record OldestWaiting(IReadOnlyDictionary<string, DateTimeOffset> ByEhr, IReadOnlyDictionary<string, DateTimeOffset> ByRecipient);
