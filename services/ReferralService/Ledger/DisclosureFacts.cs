using System.Text.Json.Serialization;

namespace ReferralService.Ledger;

/// <summary>What is to be told of a package if it is delivered: made with it, because later nobody knows the patient any more. Never in a plain column.</summary>
/// <param name="Patient">Absolute URL at the EHR; so are Order and Requester.</param>
/// <param name="Purpose">Code of v3-ActReason.</param>
/// <param name="Labels">Codes of the package's high-water mark, as <c>system|code</c>.</param>
/// <param name="Consents">Those that decided, <c>Consent/id/_history/version</c>.</param>
/// <param name="ByPatient">Something goes because a Consent of the patient permits it.</param>
internal sealed record DisclosureFacts(
    Guid PackageId,
    Guid Referral,
    string Ehr,
    string EhrBase,
    string Patient,
    string Order,
    string? Requester,
    string Recipient,
    string RecipientBase,
    string Form,
    string Digest,
    int Entries,
    string Purpose,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Consents,
    bool Part2,
    bool ByPatient = false);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DisclosureFacts))]
internal sealed partial class DisclosureJson : JsonSerializerContext;
