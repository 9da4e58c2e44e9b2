namespace ReferralService.Ledger;

/// <summary>Which disclosures; null does not narrow.</summary>
/// <param name="Patients">Absolute URLs, any of which it may be.</param>
/// <param name="From">The first instant of delivery that counts.</param>
/// <param name="Until">The first one that does not.</param>
/// <param name="Before">Row number that the page begins below.</param>
internal sealed record DisclosureQuery(int Limit, IReadOnlyList<string>? Patients = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, long? Before = null);

/// <summary>Disclosures, newest first.</summary>
/// <param name="Next">What the next page begins below; null: this is the last.</param>
/// <param name="Sealed">How many more there are in all that cannot be read or told whose they are, because their key is not here.</param>
/// <param name="Damaged">How many of this page are not what was written.</param>
internal sealed record DisclosurePage(IReadOnlyList<DeliveredDisclosure> Items, long? Next, int Sealed, int Damaged);

/// <summary>A package that was delivered.</summary>
internal sealed record DeliveredDisclosure(long Number, DateTimeOffset DeliveredAt, DisclosureFacts Facts);
