namespace ReferralService.Ledger;

/// <summary>Rows under a running lease.</summary>
internal sealed record LeasedCounts(IReadOnlyDictionary<string, int> ByEhr, IReadOnlyDictionary<string, int> ByRecipient);
