namespace ReferralService.Sandbox.Repository;

internal enum SearchKind { Token, Reference, Date }

/// <summary>A search parameter and the top-level elements it looks at.</summary>
internal sealed record SearchParameter(string Name, SearchKind Kind, params string[] Elements);

/// <summary>Which parameters each resource type has here: R4's own names and meanings, those a referral needs.</summary>
internal static class SearchParameters
{
    private static readonly SearchParameter Identifier = new("identifier", SearchKind.Token, "identifier");
    private static readonly SearchParameter Status = new("status", SearchKind.Token, "status");
    private static readonly SearchParameter Subject = new("subject", SearchKind.Reference, "subject");
    private static readonly SearchParameter PatientBySubject = new("patient", SearchKind.Reference, "subject");
    private static readonly SearchParameter PatientByPatient = new("patient", SearchKind.Reference, "patient");
    private static readonly SearchParameter Category = new("category", SearchKind.Token, "category");
    private static readonly SearchParameter Code = new("code", SearchKind.Token, "code");
    private static readonly SearchParameter Encounter = new("encounter", SearchKind.Reference, "encounter");
    private static readonly SearchParameter BasedOn = new("based-on", SearchKind.Reference, "basedOn");
    private static readonly SearchParameter Intent = new("intent", SearchKind.Token, "intent");
    private static readonly SearchParameter ClinicalStatus = new("clinical-status", SearchKind.Token, "clinicalStatus");

    private static readonly Dictionary<string, SearchParameter[]> ByType = new()
    {
        ["Patient"] = [Identifier, Token("gender"), Token("active"), Date("birthdate", "birthDate")],
        ["ServiceRequest"] =
        [
            Identifier, Status, Intent, Subject, PatientBySubject, Category, Code, Encounter, BasedOn, Token("priority"),
            Reference("requester"), Reference("performer"), Date("authored", "authoredOn"),
        ],
        ["Observation"] = [Identifier, Status, Subject, PatientBySubject, Category, Code, Encounter, BasedOn, Date("date", "effectiveDateTime", "effectivePeriod", "effectiveInstant")],
        ["DiagnosticReport"] = [Identifier, Status, Subject, PatientBySubject, Category, Code, Encounter, BasedOn, Date("date", "effectiveDateTime", "effectivePeriod"), Date("issued", "issued")],
        ["Condition"] = [Identifier, ClinicalStatus, new("verification-status", SearchKind.Token, "verificationStatus"), Subject, PatientBySubject, Category, Code, Encounter, Date("recorded-date", "recordedDate"), Date("onset-date", "onsetDateTime", "onsetPeriod")],
        ["AllergyIntolerance"] = [Identifier, ClinicalStatus, new("verification-status", SearchKind.Token, "verificationStatus"), PatientByPatient, Category, Code, Date("date", "recordedDate")],
        ["MedicationRequest"] = [Identifier, Status, Intent, Subject, PatientBySubject, Category, new("code", SearchKind.Token, "medicationCodeableConcept"), Encounter, Date("authoredon", "authoredOn")],
        ["Procedure"] = [Identifier, Status, Subject, PatientBySubject, Category, Code, Encounter, BasedOn, Date("date", "performedDateTime", "performedPeriod")],
        ["Immunization"] = [Identifier, Status, PatientByPatient, new("vaccine-code", SearchKind.Token, "vaccineCode"), Date("date", "occurrenceDateTime")],
        ["DocumentReference"] = [Identifier, Status, Subject, PatientBySubject, Category, Token("type"), Date("date", "date")],
        ["Encounter"] = [Identifier, Status, Subject, PatientBySubject, Token("class"), Token("type"), Date("date", "period")],
        ["Specimen"] = [Identifier, Status, Subject, PatientBySubject, Token("type")],
        ["ImagingStudy"] = [Identifier, Status, Subject, PatientBySubject, Encounter, new("basedon", SearchKind.Reference, "basedOn"), Date("started", "started")],
        ["Media"] = [Identifier, Status, Subject, PatientBySubject, Encounter, BasedOn, Date("created", "createdDateTime", "createdPeriod")],
        ["Practitioner"] = [Identifier, Token("active")],
        ["PractitionerRole"] = [Identifier, Token("active"), Reference("practitioner"), Reference("organization"), Token("specialty")],
        ["Organization"] = [Identifier, Token("active"), Token("type"), new("partof", SearchKind.Reference, "partOf")],
        ["Location"] = [Identifier, Status],
        ["Coverage"] = [Identifier, Status, new("patient", SearchKind.Reference, "beneficiary"), Reference("beneficiary")],
        ["Binary"] = [],
        ["Bundle"] = [Identifier, Token("type"), Date("timestamp", "timestamp")],
        ["Subscription"] = [Status, Token("type")],
        ["Task"] =
        [
            Identifier, new("group-identifier", SearchKind.Token, "groupIdentifier"), Status, Intent, Code, BasedOn, new("subject", SearchKind.Reference, "for"),
            new("patient", SearchKind.Reference, "for"), Reference("owner"), Reference("requester"), Reference("focus"), Date("authored-on", "authoredOn"),
        ],
    };

    /// <summary>Types without parameters of their own here: kept, read, searched by what all types have.</summary>
    private static readonly string[] OtherTypes =
    [
        "Account", "Appointment", "AuditEvent", "BodyStructure", "CarePlan", "CareTeam", "ClaimResponse", "ClinicalImpression", "Communication", "Composition", "Consent", "Device",
        "DeviceMetric", "Endpoint", "EpisodeOfCare", "FamilyMemberHistory", "Flag", "Goal", "Group", "HealthcareService", "List", "Medication", "MedicationAdministration",
        "MedicationDispense", "MedicationStatement", "MessageHeader", "MolecularSequence", "Provenance", "Questionnaire", "QuestionnaireResponse", "RelatedPerson", "RiskAssessment", "Schedule", "Slot", "Substance",
    ];

    private static readonly SearchParameter[] ForOthers = [Identifier, Status, Subject, new("patient", SearchKind.Reference, "patient", "subject")];

    /// <summary>All types known here, in alphabetical order.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. ByType.Keys.Concat(OtherTypes).Order(StringComparer.Ordinal)];

    /// <summary>The type's own parameters (<c>_id</c> and <c>_lastUpdated</c> come with every type); null for a type unknown here.</summary>
    public static IReadOnlyList<SearchParameter>? Of(string type)
        => ByType.TryGetValue(type, out var own) ? own : OtherTypes.Contains(type) ? ForOthers : null;

    private static SearchParameter Token(string name) => new(name, SearchKind.Token, name);

    private static SearchParameter Reference(string name) => new(name, SearchKind.Reference, name);

    private static SearchParameter Date(string name, params string[] elements) => new(name, SearchKind.Date, elements);
}
