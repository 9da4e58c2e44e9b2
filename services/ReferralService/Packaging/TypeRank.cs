namespace ReferralService.Packaging;

/// <summary>The order of entries by type: what is read first comes first, who and where last. Types not named here follow, by name.</summary>
internal static class TypeRank
{
    private static readonly string[] Order =
    [
        "ServiceRequest", "Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationStatement", "MedicationAdministration",
        "MedicationDispense", "DiagnosticReport", "Observation", "ImagingStudy", "Media", "Procedure", "Immunization", "DocumentReference",
        "Composition", "QuestionnaireResponse", "FamilyMemberHistory", "ClinicalImpression", "CarePlan", "Goal", "Encounter", "EpisodeOfCare",
        "Specimen", "Medication", "BodyStructure", "Coverage", "RelatedPerson", "PractitionerRole", "Practitioner", "Organization", "CareTeam",
        "HealthcareService", "Location", "Device", "Endpoint", "Binary", "Provenance",
    ];

    private static readonly Dictionary<string, int> Ranks = Order.Select((type, rank) => (type, rank)).ToDictionary(p => p.type, p => p.rank, StringComparer.Ordinal);

    public static int Of(string type) => Ranks.GetValueOrDefault(type, Order.Length);
}
