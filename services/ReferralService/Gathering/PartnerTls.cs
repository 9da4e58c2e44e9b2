using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ReferralService.Fhir.Errors;

namespace ReferralService.Gathering;

/// <summary>Checks a partner's certificate as .NET does by itself, and says why when it is not to be trusted. Nothing is ever let pass that would not have been.</summary>
internal static class PartnerTls
{
    /// <remarks>The protocol is the system's choice, but nothing older than TLS 1.2 is spoken on any system that .NET 10 supports.</remarks>
    /// <param name="shown">Told of each certificate that is shown, trusted or not.</param>
    public static SslClientAuthenticationOptions Options(Action<X509Certificate2>? shown = null) => new()
    {
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (certificate is X509Certificate2 its) shown?.Invoke(its);
            return errors == SslPolicyErrors.None ? true : throw Distrust(certificate, chain, errors);
        },
    };

    private static UntrustedServerException Distrust(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return new UntrustedServerException([DistrustReason.NoCertificate], null);
        }

        var atFault = chain?.ChainElements.FirstOrDefault(e => e.ChainElementStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate ?? certificate as X509Certificate2;
        var statuses = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        var reasons = new List<string>();
        if (statuses.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            reasons.Add(atFault is not null && atFault.NotBefore > chain!.ChainPolicy.VerificationTime ? DistrustReason.NotYetValid : DistrustReason.Expired);
        }

        if (statuses.HasFlag(X509ChainStatusFlags.Revoked))
        {
            reasons.Add(DistrustReason.Revoked);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            reasons.Add(DistrustReason.WrongHost);
        }

        if ((statuses & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            reasons.Add(DistrustReason.UnknownAuthority);
        }

        if (reasons.Count == 0)
        {
            reasons.Add(DistrustReason.BadChain);
        }

        return new UntrustedServerException(reasons, atFault is null ? null : new DateTimeOffset(atFault.NotAfter));
    }
}
