using ReferralService.Fhir.References;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Flow;

/// <summary>What the accounting of disclosures keeps of a package.</summary>
internal static class DisclosureRecord
{
    public static DisclosureFacts Of(string ehr, GatheredRecord record, PackageOrder package, ConsentAccount consent, string digest, int entries)
    {
        var order = record.Resources.First(r => r.Key.Type == "ServiceRequest" && r.Key.Id == record.Order.View.Id);
        var requester = order.References.Where(r => r is { Site: ReferenceSite.Reference, Path: "requester" })
            .Select(r => FhirReference.Parse(r.Text).AbsoluteUrl(record.EhrBase)).FirstOrDefault();
        return new DisclosureFacts(
            package.PackageId, package.Referral.Value, ehr, record.EhrBase, $"{record.EhrBase}/{record.Patient}", record.SourceUrl(order), requester,
            package.Recipient, package.RecipientBase.AbsoluteUri, package.Form.ToString().ToLowerInvariant(), digest, entries, consent.Purpose,
            consent.SecurityLabels,
            [.. consent.Considered.Where(c => c.Carried + c.Withheld > 0).Select(c => c.Version is { } version ? $"{c.Reference}/_history/{version}" : c.Reference)],
            consent.Part2,
            consent.Considered.Any(c => c.Carried > 0));
    }
}
