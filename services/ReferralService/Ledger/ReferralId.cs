using ReferralService.Fhir.Bundles;

namespace ReferralService.Ledger;

/// <summary>A referral's id. Not a secret; the same in every database that knows the same order (ADR 0002).</summary>
internal readonly record struct ReferralId(Guid Value)
{
    /// <summary>UUIDv5 of the EHR's base URL, the order and the recipient as asked ("" = by the order): a restored database finds the same ids.</summary>
    public static ReferralId Create(Uri ehrBase, string orderId, string? recipientAsked)
        => new(NameBasedUuid.Create(NameBasedUuid.Url, $"{ehrBase.AbsoluteUri.TrimEnd('/')}/ServiceRequest/{orderId}#{recipientAsked}"));

    public override string ToString() => Value.ToString("D");
}
