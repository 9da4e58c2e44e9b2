using System.Globalization;
using System.Net.Sockets;
using ReferralService.Fhir.Errors;
using ReferralService.Gathering;

namespace ReferralService.Doctor;

/// <summary>What a failed question to a partner means and what mends it, by the classes the walk itself goes by.</summary>
/// <param name="Code">Of Contracts.ReasonCodes, or finer.</param>
internal sealed record PartnerTrouble(string Code, string What, string Remedy)
{
    /// <param name="section">Of the settings, e.g. <c>Ehrs:main</c>.</param>
    /// <returns>Null for what is no partner's failure.</returns>
    public static PartnerTrouble? Of(Exception failure, string section) => EhrFailure.Of(failure) is not { } known ? null : failure switch
    {
        FhirRequestException { Code: RequestCode.HttpStatus, Status: { } status } => OfStatus((int)status, known, section),
        FhirRequestException { IsUntrusted: true } e => OfTls(e, section),
        FhirRequestException { Code: RequestCode.AddressRefused } => new("address-refused", "its name stands for an address that no partner may have", $"correct {section}:BaseUrl, {section}:Networks or DNS"),
        FhirRequestException { Code: RequestCode.Redirect } => new("endpoint-wrong", "it answers with a redirect, which is never followed", $"set {section}:BaseUrl to where the FHIR base really is"),
        FhirRequestException { Code: RequestCode.NotFhir } => new("not-fhir", "what answers there is no FHIR server (a page, XML, or nothing)", $"correct the path of {section}:BaseUrl; it must be the FHIR base, and speak JSON"),
        FhirRequestException { Code: RequestCode.Timeout } => new("unreachable", "it has the connection and does not answer", "see what keeps it busy"),
        FhirRequestException { Code: RequestCode.Reset } => new("unreachable", "it breaks the connection off", "see what stands between: a proxy, a firewall, TLS where plain http is meant"),
        FhirRequestException e when IsNameless(e) => new("unreachable", "its name is not known (DNS)", $"correct {section}:BaseUrl, or DNS of this machine"),
        FhirRequestException { Code: RequestCode.Tls } => new("tls", "the TLS handshake breaks off", $"see that {section}:BaseUrl names a TLS port, and what stands between"),
        FhirRequestException { Code: RequestCode.Unreachable } => new("unreachable", "nothing answers at its address", $"see that it runs and lets this machine in, or correct {section}:BaseUrl"),
        FhirFormatException { Code: FormatCode.WrongType } => new("not-r4", "it answers with another resource than was asked for (DSTU2 has Conformance at /metadata)", $"name an R4 endpoint in {section}:BaseUrl"),
        FhirFormatException => new("not-fhir", "its answer is no FHIR JSON", $"correct the path of {section}:BaseUrl; it must be the FHIR base"),
        _ => new(known.Code, $"its answer is not usable ({known.Code})", "docs/runbook.md has the code"),
    };

    private static PartnerTrouble OfStatus(int status, EhrFailure known, string section) => status switch
    {
        401 => new("auth-refused", "it refuses our credentials (401)", $"correct {section}:Auth: Kind, and Token or User and Password"),
        403 => new("auth-refused", "it knows us and does not let us do this (403)", "have the right given to our account there"),
        404 or 405 or 410 => new("endpoint-wrong", $"there is no FHIR server at that path ({status})", $"correct the path of {section}:BaseUrl"),
        429 => new("throttled", "it asks for fewer questions (429)", "ask again later, or have our limit there raised"),
        >= 500 => new("error", $"it has a fault of its own ({status})", "see its log"),
        _ => new(known.Code, $"it answers {status}", $"see what it wants; correct {section}:BaseUrl if it is not the FHIR base"),
    };

    private static PartnerTrouble OfTls(FhirRequestException e, string section)
    {
        var reason = e.Distrust is { Reasons: [var first, ..] } ? first : DistrustReason.Protocol;
        var until = e.Distrust?.NotAfter is { } ends ? ends.UtcDateTime.ToString(" (yyyy-MM-dd)", CultureInfo.InvariantCulture) : "";
        return reason switch
        {
            DistrustReason.Expired => new("tls", $"its certificate has expired{until}", "have it renewed there"),
            DistrustReason.NotYetValid => new("tls", "its certificate is not valid yet", "have it mended there, or this machine's clock"),
            DistrustReason.Revoked => new("tls", "its certificate was revoked", "have it replaced there"),
            DistrustReason.WrongHost => new("tls", "its certificate is for another host", $"name the host of the certificate in {section}:BaseUrl, or have it mended there"),
            DistrustReason.UnknownAuthority => new("tls", "no authority that this machine trusts vouches for its certificate", "install the authority here (update-ca-certificates), or have the certificate replaced"),
            DistrustReason.Protocol => new("tls", "it and this machine have no TLS version or cipher in common", "have TLS 1.2 or newer switched on there"),
            _ => new("tls", "its certificate is not to be trusted", "have it mended there"),
        };
    }

    private static bool IsNameless(FhirRequestException e)
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }) return true;
        }

        return false;
    }
}
