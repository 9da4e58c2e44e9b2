using System.Globalization;
using ReferralService.Fhir.Resources;
using ReferralService.Ops.Health.Checks;

namespace ReferralService.Doctor;

/// <summary>What is looked at in the same way at an EHR and at a recipient.</summary>
internal static class PartnerStanding
{
    /// <summary>From here on a person has set a clock wrongly; what is less may be a clock that drifts.</summary>
    private static readonly TimeSpan SkewBad = TimeSpan.FromMinutes(5);

    /// <summary>FHIR R4 it must be: 4.0, and what calls itself a later 4 is tried.</summary>
    public static void TellVersion(Findings findings, CapabilityView capability, string section)
    {
        var version = Known(capability.FhirVersion);
        if (version is null) findings.Warn("not-r4", "its /metadata does not say which FHIR version it speaks", "see that it is R4 (4.0.1)");
        else if (version.StartsWith("4.0", StringComparison.Ordinal)) findings.Pass($"speaks FHIR {version}");
        else if (version.StartsWith("4.", StringComparison.Ordinal)) findings.Warn("not-r4", $"speaks FHIR {version}, not R4 (4.0.1)", "most of it is the same; name an R4 endpoint if there is one");
        else findings.Fail("not-r4", $"speaks FHIR {version}; this service speaks R4 (4.0.1)", $"name an R4 endpoint in {section}:BaseUrl");
    }

    /// <summary>Of the connections made meanwhile, judged as /health/detail judges those of the service.</summary>
    public static void TellContact(Findings findings, PartnerContact contact, DateTimeOffset now)
    {
        if (contact.CertificateEnds is { } ends)
        {
            findings.Add(PartnerChecks.Certificate(findings.Name, ends - now), $"its certificate is good until {ends.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        }

        if (contact.ClockSkew is { } skew)
        {
            findings.Add(PartnerChecks.Clock(findings.Name, skew), "its clock agrees with ours", fails: skew.Duration() >= SkewBad);
        }
    }

    /// <summary>A version as FHIR writes them; anything else is not repeated.</summary>
    private static string? Known(string? version)
        => version is { Length: > 0 and <= 20 } && version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? version : null;
}
