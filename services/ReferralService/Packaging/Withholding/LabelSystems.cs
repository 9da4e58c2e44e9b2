using System.Collections.Frozen;

namespace ReferralService.Packaging.Withholding;

/// <summary>What a code of <c>meta.security</c> is about.</summary>
internal enum LabelKind { Unknown, Confidentiality, Sensitivity, Policy, Handling }

/// <summary>The code systems of security labels and which of their codes we know (HL7 v3-ActCode of R4 and of THO, where codes moved between the two).</summary>
internal static class LabelSystems
{
    public const string ConfidentialitySystem = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
    public const string ActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    public const string ActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

    /// <summary>42 CFR Part 2: a law about who keeps the record, so it is only ever read from a label, never concluded from content.</summary>
    public const string Part2 = "42CFRPart2";

    /// <summary>No redisclosure without consent directive.</summary>
    public const string NoRedisclosure = "NORDSCLCD";

    private static readonly FrozenSet<string> Confidentialities = Set(
        ConfidentialitySystem, "http://hl7.org/fhir/v3/Confidentiality", "urn:oid:2.16.840.1.113883.5.25");

    private static readonly FrozenSet<string> ActCodes = Set(
        ActCode, "http://hl7.org/fhir/v3/ActCode", "urn:oid:2.16.840.1.113883.5.4", "http://terminology.hl7.org/CodeSystem/v3-ActUSPrivacyLaw");

    private static readonly FrozenSet<string> Reasons = Set(ActReason, "http://hl7.org/fhir/v3/ActReason", "urn:oid:2.16.840.1.113883.5.8");

    private static readonly FrozenSet<string> Sensitivities = Set(
        "BH", "COGN", "DIS", "DVD", "EMOTDIS", "ETH", "ETHUD", "GDIS", "HIV", "MH", "MST", "OPIOIDUD", "PREGNANT", "PSY", "PSYTHPN", "SCA", "SDV", "SEX", "SICKLE", "SPI",
        "STD", "SUD", "TBOO", "VIO");

    private static readonly FrozenSet<string> Policies = Set(Part2, "CommonRule", "HIPAANOPP", "HIPAAPsyNotes", "HIPAASelfPay", "Title38Section7332");

    /// <summary>Obligations and refrains: what whoever holds the data must and must not do.</summary>
    private static readonly FrozenSet<string> Handlings = Set(
        "ANONY", "AOD", "AUDIT", "AUDTR", "CPLYCC", "CPLYCD", "CPLYCUI", "CPLYJPP", "CPLYOPP", "CPLYOSP", "CPLYPOL", "DECLASSIFYLABEL", "DEID", "DELAU", "DOWNGRDLABEL",
        "DRIVLABEL", "ENCRYPT", "ENCRYPTR", "ENCRYPTT", "ENCRYPTU", "HUAPRV", "LABEL", "MASK", "MINEC", "PERSISTLABEL", "PRIVMARK", "PROCESSINLINELABEL", "PSEUD", "REDACT",
        "UPGRDLABEL", "NOAUTH", "NOCOLLECT", "NODSCLCD", "NODSCLCDS", "NOINTEGRATE", "NOLIST", "NOMOU", "NOORGPOL", "NOPAT", "NOPERSISTP", NoRedisclosure, "NORDSCLCDS",
        "NORDSCLW", "NORELINK", "NOREUSE", "NOVIP", "ORCON");

    public static LabelKind KindOf(string? system, string code)
    {
        if (system is null) return LabelKind.Unknown;
        if (Confidentialities.Contains(system)) return LabelKind.Confidentiality;
        if (!ActCodes.Contains(system)) return LabelKind.Unknown;
        return Sensitivities.Contains(code) ? LabelKind.Sensitivity
            : Policies.Contains(code) ? LabelKind.Policy
            : Handlings.Contains(code) ? LabelKind.Handling
            : LabelKind.Unknown;
    }

    public static bool IsSensitivity(string code) => Sensitivities.Contains(code);

    /// <summary>Purposes of use.</summary>
    public static bool IsReasons(string? system) => system is not null && Reasons.Contains(system);

    private static FrozenSet<string> Set(params string[] values) => values.ToFrozenSet(StringComparer.Ordinal);
}
