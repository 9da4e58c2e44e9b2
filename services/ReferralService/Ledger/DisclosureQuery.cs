namespace ReferralService.Ledger;

/// <summary>Which disclosures; null does not narrow.</summary>
/// <param name="Patients">Absolute URLs, any of which it may be.</param>
/// <param name="From">The first instant of delivery that counts.</param>
/// <param name="Until">The first one that does not.</param>
/// <param name="Before">Delivery that the page begins behind.</param>
internal sealed record DisclosureQuery(int Limit, IReadOnlyList<string>? Patients = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, DisclosurePlace? Before = null);

/// <summary>Where a disclosure stands in the list: by its delivery, and among those of one instant by its row.</summary>
/// <param name="At">Unix microseconds.</param>
internal readonly record struct DisclosurePlace(long At, long Number);

/// <summary>Disclosures, newest delivery first.</summary>
/// <param name="Next">What the next page begins behind; null: this is the last.</param>
/// <param name="Sealed">How many more there are in all that cannot be read or told whose they are, because their key is not here.</param>
/// <param name="Damaged">How many of this page are not what was written.</param>
internal sealed record DisclosurePage(IReadOnlyList<DeliveredDisclosure> Items, DisclosurePlace? Next, int Sealed, int Damaged);

/// <summary>A package that was delivered.</summary>
internal sealed record DeliveredDisclosure(long Number, DateTimeOffset DeliveredAt, DisclosureFacts Facts);

/// <summary>Deliveries of a former version, which kept no account of them.</summary>
/// <param name="Last">When the last of them was delivered; null: there are none.</param>
internal readonly record struct UnaccountedDeliveries(int Count, DateTimeOffset? Last);
