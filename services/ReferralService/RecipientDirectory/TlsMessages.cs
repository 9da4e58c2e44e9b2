using System.Globalization;
using ReferralService.Fhir.Errors;

namespace ReferralService.RecipientDirectory;

/// <summary>What is told a person about a recipient that nothing is said to.</summary>
internal static class TlsMessages
{
    /// <param name="reasons">Of <see cref="DistrustReason"/>, with spaces between; the first decides.</param>
    public static string For(string reasons) => reasons.Split(' ')[0] switch
    {
        DistrustReason.Expired => "The recipient's certificate has expired (validUntil in the timeline). Nothing was sent. Have it renewed there, then retry.",
        DistrustReason.NotYetValid => "The recipient's certificate is not valid yet. Nothing was sent. Have it mended there, or this machine's clock, then retry.",
        DistrustReason.Revoked => "The recipient's certificate was revoked. Nothing was sent. Have it replaced there, then retry.",
        DistrustReason.WrongHost => "The recipient's certificate is for another host than BaseUrl names. Nothing was sent. Correct BaseUrl, or have the certificate mended, then retry.",
        DistrustReason.UnknownAuthority => "No authority that this machine trusts vouches for the recipient's certificate. Nothing was sent. Install the authority here or have the certificate replaced, then retry.",
        DistrustReason.Protocol => "The recipient and this service have no TLS version or cipher in common; at least TLS 1.2 is needed. Nothing was sent. Have it mended there, then retry.",
        _ => "The recipient's TLS certificate is not to be trusted. Nothing was sent. Have it mended there, then retry.",
    };

    /// <summary>The same for the timeline: <c>reason</c>, and <c>validUntil</c> where a certificate was shown.</summary>
    public static IReadOnlyDictionary<string, string> Detail(FhirRequestException untrusted)
    {
        var detail = new Dictionary<string, string> { ["reason"] = string.Join(' ', untrusted.Distrust?.Reasons ?? [DistrustReason.Protocol]) };
        if (untrusted.Distrust?.NotAfter is { } until)
        {
            detail["validUntil"] = until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return detail;
    }
}
