namespace ReferralService.Gathering.Plans;

/// <summary>Code systems by the one name that plans and lists of sensitive codes use for them.</summary>
internal static class CodeSystems
{
    public const string Icd10 = "http://hl7.org/fhir/sid/icd-10";
    public const string Icd10Cm = "http://hl7.org/fhir/sid/icd-10-cm";
    public const string Icd10Gm = "http://fhir.de/CodeSystem/bfarm/icd-10-gm";
    public const string Atc = "http://www.whocc.no/atc";

    /// <summary>R4 asks for the URL (terminologies-systems.html); records converted from CDA or v2 often carry the OID, German ones the publisher's former name.</summary>
    private static readonly Dictionary<string, string> ByOtherName = new(StringComparer.Ordinal)
    {
        ["urn:oid:2.16.840.1.113883.6.1"] = "http://loinc.org",
        ["urn:oid:2.16.840.1.113883.6.96"] = "http://snomed.info/sct",
        ["urn:oid:2.16.840.1.113883.6.3"] = Icd10,
        ["urn:oid:2.16.840.1.113883.6.90"] = Icd10Cm,
        ["urn:oid:2.16.840.1.113883.6.88"] = "http://www.nlm.nih.gov/research/umls/rxnorm",
        ["urn:oid:2.16.840.1.113883.6.73"] = Atc,
        ["http://fhir.de/CodeSystem/bfarm/atc"] = Atc,
        ["http://fhir.de/CodeSystem/dimdi/atc"] = Atc,
        ["http://fhir.de/CodeSystem/dimdi/icd-10-gm"] = Icd10Gm,
    };

    public static string Canonical(string system) => ByOtherName.GetValueOrDefault(system, system);

    /// <summary>A longer code of it lies below its shorter beginning: only there may a plan name a whole branch by one code.</summary>
    public static bool IsHierarchyByPrefix(string system) => system is Icd10 or Icd10Cm or Icd10Gm or Atc;

    /// <summary>ICD-10 codes are written with and without their dot.</summary>
    public static string Plain(string code) => code.Contains('.', StringComparison.Ordinal) ? code.Replace(".", "", StringComparison.Ordinal) : code;
}
