namespace ReferralService.Ledger;

/// <summary>The form of a built package (interfaces §6); Auto is decided before building.</summary>
internal enum PackageForm { Document, Transaction, Collection }
