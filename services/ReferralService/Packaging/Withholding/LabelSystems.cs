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

    /// <summary>All of R4's _InformationSensitivityPolicy that may be a label: what the record is about, whom, and who asked for it; PREGNANT came with THO.</summary>
    private static readonly FrozenSet<string> Sensitivities = Set(
        "BH", "COGN", "DVD", "EMOTDIS", "ETH", "ETHUD", "GDIS", "HIV", "MH", "MST", "OPIOIDUD", "PREGNANT", "PSY", "PSYTHPN", "SCA", "SDV", "SEX", "SICKLE", "SPI", "STD",
        "SUD", "TBOO", "VIO", "DEMO", "DOB", "GENDER", "LIVARG", "MARST", "RACE", "REL", "B", "EMPL", "LOCIS", "SSP", "ADOL", "CEL", "DIA", "DRGIS", "EMP", "PDS", "PHY", "PRS");

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

    /// <summary>Whether all codes of the system are about handling: one of it that we do not know may forbid anything.</summary>
    public static bool IsOfLabels(string system) => Confidentialities.Contains(system) || ActCodes.Contains(system);

    /// <summary>The codes of v3-ActCode that are known as this kind.</summary>
    public static IReadOnlyCollection<string> Known(LabelKind kind) => kind switch
    {
        LabelKind.Sensitivity => Sensitivities,
        LabelKind.Policy => Policies,
        LabelKind.Handling => Handlings,
        _ => [],
    };

    /// <summary>Every code of v3-ActCode that is known as a label.</summary>
    public static IEnumerable<string> All => Sensitivities.Concat(Policies).Concat(Handlings);

    public static bool IsSensitivity(string code) => Sensitivities.Contains(code);

    /// <summary>Purposes of use.</summary>
    public static bool IsReasons(string? system) => system is not null && Reasons.Contains(system);

    private static FrozenSet<string> Set(params string[] values) => values.ToFrozenSet(StringComparer.Ordinal);
}
