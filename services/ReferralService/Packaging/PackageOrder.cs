using ReferralService.Fhir.Bundles;
using ReferralService.Ledger;

namespace ReferralService.Packaging;

/// <summary>Everything packaging depends on beside the record: with the same record and the same of these, the same bytes.</summary>
/// <param name="Version">Of the package, from 1.</param>
/// <param name="Recipient">Name and base URL of whom it is for.</param>
/// <param name="BuiltAt">Becomes Bundle.timestamp and Composition.date.</param>
internal sealed record PackageOrder(ReferralId Referral, int Version, PackageForm Form, string Recipient, Uri RecipientBase, DateTimeOffset BuiltAt)
{
    /// <summary>All that means the recipient in the EHR's words, as configured: <c>Type/id</c>, absolute URLs, <c>system|value</c>. Consents name it by these.</summary>
    public IReadOnlyList<string> RecipientKeys { get; init; } = [];

    /// <summary>UUIDv5 of referral id and version (interfaces §6).</summary>
    public Guid PackageId => NameBasedUuid.Create(Referral.Value, $"package/{Version}");
}
