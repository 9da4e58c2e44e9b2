using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace ReferralService.Fhir.Resources;

/// <summary>The names of R4's resource types (4.0.1, resourcelist.html).</summary>
public static class ResourceTypes
{
    private static readonly FrozenSet<string> Names = """
        Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
        BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
        ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
        CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
        CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
        DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest
        EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
        FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
        ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location
        Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest
        MedicationStatement MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication
        MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
        MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
        MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition OperationOutcome
        Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition
        Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup
        ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule
        SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription Substance
        SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial
        SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet
        VerificationResult VisionPrescription
        """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Names.GetAlternateLookup<ReadOnlySpan<char>>();

    private const int LongestName = 64;

    public static IReadOnlySet<string> All => Names;

    public static bool Contains(ReadOnlySpan<char> name) => Lookup.Contains(name);

    /// <summary>The name as a string that is there already; null when it is none of R4's.</summary>
    internal static string? Known(ReadOnlySpan<char> name) => Lookup.TryGetValue(name, out string? known) ? known : null;

    /// <summary>The name as a string (a shared one when it is R4's), or null when it cannot be a type's name: a capital, then letters and digits.</summary>
    internal static string? FromUtf8(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > LongestName || !char.IsAsciiLetterUpper((char)name[0])) return null;
        Span<char> text = stackalloc char[name.Length];
        for (int i = 0; i < name.Length; i++)
        {
            text[i] = (char)name[i];
            if (!char.IsAsciiLetterOrDigit(text[i])) return null;
        }

        return Lookup.TryGetValue(text, out string? known) ? known : Encoding.ASCII.GetString(name);
    }

    private const int LongestId = 256;

    private static readonly SearchValues<char> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>Whether a text is taken as a logical id or a version: 1 to 256 of RFC 3986's unreserved characters, and no word that means something else in an address.</summary>
    /// <remarks>
    /// Wider than R4's <c>[A-Za-z0-9\-.]{1,64}</c>, because servers hand out longer ids and underscores; narrower, because R4's rule lets <c>.</c> and <c>..</c>
    /// pass, which lead elsewhere. What passes stands in an address as it is written. One rule for what we read, ask for, refer to and are asked (ADR 0007).
    /// </remarks>
    public static bool IsId(ReadOnlySpan<char> text)
        => text.Length is > 0 and <= LongestId
            && !text.ContainsAnyExcept(Unreserved)
            && text is not ("." or ".." or "_history" or "_search");
}
