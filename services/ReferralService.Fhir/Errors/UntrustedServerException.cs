using System.Security.Authentication;

namespace ReferralService.Fhir.Errors;

/// <summary>A server's certificate was looked at and found wanting. Thrown where certificates are checked, so that <see cref="FhirRequestException.Distrust"/> can say why.</summary>
/// <param name="reasons">Of <see cref="DistrustReason"/>, the gravest first.</param>
/// <param name="notAfter">Until when the certificate at fault is, or was, valid; null when the server showed none.</param>
public sealed class UntrustedServerException(IReadOnlyList<string> reasons, DateTimeOffset? notAfter) : AuthenticationException(string.Join(' ', reasons))
{
    public IReadOnlyList<string> Reasons { get; } = reasons;

    public DateTimeOffset? NotAfter { get; } = notAfter;
}

/// <summary>Why nothing is said to a server.</summary>
public static class DistrustReason
{
    public const string Expired = "certificate-expired";
    public const string NotYetValid = "certificate-not-yet-valid";
    public const string Revoked = "certificate-revoked";

    /// <summary>The certificate names another host.</summary>
    public const string WrongHost = "wrong-host";

    /// <summary>No authority this machine knows vouches for it.</summary>
    public const string UnknownAuthority = "unknown-authority";

    public const string NoCertificate = "no-certificate";

    /// <summary>Its chain is wrong in another way (use, signature, constraints).</summary>
    public const string BadChain = "certificate-unusable";

    /// <summary>No common protocol: it speaks nothing as new as TLS 1.2, or no cipher of ours.</summary>
    public const string Protocol = "tls-version";
}
