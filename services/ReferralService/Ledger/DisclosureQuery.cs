namespace ReferralService.Ledger;

/// <summary>Which disclosures; null does not narrow.</summary>
/// <param name="Patients">Absolute URLs, any of which it may be.</param>
/// <param name="From">The first instant of delivery that counts.</param>
/// <param name="Until">The first one that does not.</param>
/// <param name="Before">Row number that the page begins below.</param>
internal sealed record DisclosureQuery(int Limit, IReadOnlyList<string>? Patients = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, long? Before = null, Guid? PackageId = null);

/// <summary>A package that was delivered.</summary>
internal sealed record DeliveredDisclosure(long Number, DateTimeOffset DeliveredAt, DisclosureFacts Facts);
