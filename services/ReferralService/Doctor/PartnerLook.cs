using System.Globalization;
using ReferralService.Fhir.Resources;

namespace ReferralService.Doctor;

/// <summary>What is looked at in the same way at an EHR and at a recipient.</summary>
internal static class PartnerLook
{
    private static readonly TimeSpan CertificateSoon = TimeSpan.FromDays(30);
    private static readonly TimeSpan CertificateNow = TimeSpan.FromDays(3);
    private static readonly TimeSpan SkewSeen = TimeSpan.FromSeconds(30);
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

    /// <summary>Of the connections made meanwhile.</summary>
    public static void TellContact(Findings findings, PartnerContact contact, DateTimeOffset now)
    {
        if (contact.CertificateEnds is { } ends)
        {
            var days = (int)Math.Floor((ends - now).TotalDays);
            var until = ends.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            if (ends - now < CertificateNow) findings.Fail("certificate-ends", $"its certificate ends on {until}, in {days} days", "have it renewed there now");
            else if (ends - now < CertificateSoon) findings.Warn("certificate-ends", $"its certificate ends on {until}, in {days} days", "have it renewed there");
            else findings.Pass($"its certificate is good until {until}");
        }

        if (contact.ClockSkew is { } skew) TellSkew(findings, skew, "it");
    }

    public static void TellSkew(Findings findings, TimeSpan skew, string whose)
    {
        var apart = skew.Duration();
        var text = string.Create(CultureInfo.InvariantCulture, $"{whose}s clock is {(apart < TimeSpan.FromMinutes(2) ? $"{apart.TotalSeconds:F0} s" : $"{apart.TotalMinutes:F0} min")} {(skew < TimeSpan.Zero ? "behind" : "ahead of")} this machine's");
        const string Remedy = "set the clock that is wrong, and let NTP keep both (timedatectl); if several partners say the same, it is this machine's";
        if (apart >= SkewBad) findings.Fail("clock-skew", text, Remedy);
        else if (apart >= SkewSeen) findings.Warn("clock-skew", text, Remedy);
        else findings.Pass($"{whose}s clock agrees with this machine's");
    }

    /// <summary>A version as FHIR writes them; anything else is not repeated.</summary>
    private static string? Known(string? version)
        => version is { Length: > 0 and <= 20 } && version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? version : null;
}
