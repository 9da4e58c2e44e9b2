using System.Collections.Frozen;

namespace ReferralService.Gathering;

/// <summary>What is done about each reference of R4's resources. A test compares it with R4's definitions: no element is forgotten.</summary>
/// <remarks>
/// References inside datatypes (who wrote an Annotation or assigned an Identifier, extensions) and inside contained resources are passed over
/// in every type, and so is everything of a type that is not in this table: only an order can name one, and it travels as it is.
/// </remarks>
internal static class ReferenceEdges
{
    /// <summary>By type, then by path: every reference of a record is asked for here.</summary>
    private static readonly FrozenDictionary<string, FrozenDictionary<string, ReferenceEdge>> Edges = Table()
        .GroupBy(e => e.Type, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToFrozenDictionary(e => e.Path, StringComparer.Ordinal), StringComparer.Ordinal);

    public static IReadOnlyCollection<ReferenceEdge> All => [.. Edges.Values.SelectMany(e => e.Values)];

    /// <summary>The edge by which a reference is followed; null when it is not.</summary>
    public static ReferenceEdge? Find(string type, string path, Reach reached) => Decide(type, path, reached) is { IsFollowed: true } edge ? edge : null;

    /// <summary>Null: passed over.</summary>
    public static ReferenceEdge? Decide(string type, string path, Reach reached)
        => Edges.TryGetValue(type, out var edges) && edges.TryGetValue(Flat(type, path), out var edge) && reached >= edge.From ? edge : null;

    /// <summary>Questions inside questions and sections inside sections are one and the same element (R4's contentReference).</summary>
    private static string Flat(string type, string path)
    {
        if (type == "QuestionnaireResponse" && path.StartsWith("item.", StringComparison.Ordinal))
            return path[(path.LastIndexOf("item.", StringComparison.Ordinal))..];
        if (type == "Composition" && path.StartsWith("section.section.", StringComparison.Ordinal))
            return path[(path.LastIndexOf("section.", StringComparison.Ordinal))..];
        return path;
    }

    private static IEnumerable<ReferenceEdge> Table() =>
    [
        // Whose it is: the Patient is pulled first and on its own. By which order or request: an order behind a result is no evidence.
        .. Of("ServiceRequest", Reach.Order,
            follow: "reasonReference supportingInfo specimen insurance",
            once: "requester performer encounter locationReference",
            name: "basedOn replaces relevantHistory",
            pass: "subject instantiatesCanonical"),

        .. Of("DiagnosticReport",
            follow: "result specimen imagingStudy media.link presentedForm",
            once: "performer resultsInterpreter encounter",
            pass: "basedOn subject"),
        .. Of("Observation",
            follow: "hasMember derivedFrom specimen",
            once: "performer encounter device",
            name: "partOf focus",
            pass: "basedOn subject"),
        .. Of("Specimen", follow: "parent", once: "collection.collector", pass: "subject request processing.additive container.additiveReference"),
        .. Of("ImagingStudy",
            follow: "series.specimen",
            once: "endpoint series.endpoint referrer interpreter encounter location",
            name: "procedureReference reasonReference",
            pass: "subject basedOn series.performer.actor"),
        .. Of("Media", follow: "content", once: "operator device encounter", name: "partOf", pass: "basedOn subject"),
        .. Of("MolecularSequence",
            follow: "specimen", name: "referenceSeq.referenceSeqPointer variant.variantPointer pointer", pass: "patient device performer"),
        .. Of("QuestionnaireResponse",
            follow: "item.answer.valueAttachment", once: "author encounter", name: "partOf item.answer.valueReference", pass: "basedOn questionnaire subject source"),
        .. Of("BodyStructure", follow: "image", pass: "patient"),

        .. Of("Condition", follow: "evidence.detail stage.assessment", once: "recorder asserter encounter", pass: "subject"),
        .. Of("ClinicalImpression",
            once: "assessor encounter", name: "previous problem investigation.item finding.itemReference prognosisReference supportingInfo", pass: "subject"),
        .. Of("AllergyIntolerance", once: "recorder asserter encounter", pass: "patient"),
        .. Of("FamilyMemberHistory", name: "reasonReference", pass: "patient instantiatesCanonical"),
        .. Of("Procedure",
            follow: "report complicationDetail",
            once: "performer.actor encounter location focalDevice.manipulated",
            name: "partOf reasonReference usedReference",
            pass: "subject basedOn recorder asserter performer.onBehalfOf instantiatesCanonical"),
        .. Of("Immunization",
            follow: "reaction.detail",
            once: "performer.actor location encounter",
            name: "reasonReference",
            pass: "patient manufacturer protocolApplied.authority"),

        // Why a drug is given is named: the Conditions that count are asked for by themselves.
        .. Of("MedicationRequest",
            follow: "medicationReference",
            once: "requester encounter reportedReference",
            name: "reasonReference supportingInformation priorPrescription detectedIssue",
            pass: "subject performer recorder basedOn insurance dispenseRequest.performer eventHistory instantiatesCanonical"),
        .. Of("MedicationStatement",
            follow: "medicationReference",
            once: "informationSource context",
            name: "reasonReference derivedFrom partOf",
            pass: "subject basedOn"),
        .. Of("MedicationAdministration",
            follow: "medicationReference",
            once: "performer.actor context",
            name: "reasonReference supportingInformation partOf request",
            pass: "subject device eventHistory"),
        .. Of("MedicationDispense",
            follow: "medicationReference",
            once: "performer.actor context",
            name: "supportingInformation statusReasonReference authorizingPrescription detectedIssue partOf",
            pass: "subject location destination receiver substitution.responsibleParty eventHistory"),
        .. Of("Medication", follow: "ingredient.itemReference", pass: "manufacturer"),
        .. Of("Substance", pass: "ingredient.substanceReference"),

        // What a document replaces is older by its own word.
        .. Of("DocumentReference",
            follow: "context.related content.attachment",
            once: "author authenticator custodian context.encounter",
            name: "relatesTo.target",
            pass: "subject context.sourcePatientInfo"),
        .. Of("Composition",
            once: "author custodian encounter", name: "relatesTo.targetReference event.detail section.entry", pass: "subject attester.party section.author section.focus"),
        .. Of("CarePlan",
            once: "author",
            name: "addresses supportingInfo goal careTeam activity.outcomeReference activity.reference activity.detail.reasonReference activity.detail.goal activity.detail.productReference",
            pass: "subject encounter contributor basedOn replaces partOf instantiatesCanonical activity.detail.instantiatesCanonical activity.detail.location activity.detail.performer"),
        .. Of("Goal", name: "addresses outcomeReference", pass: "subject expressedBy"),
        .. Of("Coverage", once: "payor", pass: "policyHolder subscriber beneficiary contract"),
        .. Of("ClaimResponse", pass: "patient insurer requestor request addItem.provider addItem.locationReference form communicationRequest insurance.coverage insurance.claimResponse"),

        // Another Patient of the same person, or the person as somebody's mother, is named and never fetched.
        .. Of("Patient", once: "generalPractitioner managingOrganization", name: "link.other", pass: "photo contact.organization"),
        .. Of("Encounter",
            once: "participant.individual serviceProvider location.location",
            name: "reasonReference diagnosis.condition",
            pass: "subject episodeOfCare basedOn appointment account hospitalization.origin hospitalization.destination partOf"),
        .. Of("EpisodeOfCare", once: "managingOrganization careManager", name: "diagnosis.condition", pass: "patient referralRequest team account"),
        .. Of("CareTeam", once: "participant.member managingOrganization", name: "reasonReference", pass: "subject encounter participant.onBehalfOf"),

        // One level more, so that a name on a report has a person and a house; never up a whole hierarchy.
        .. Of("PractitionerRole", Reach.Support, once: "practitioner organization location", pass: "healthcareService endpoint"),
        .. Of("HealthcareService", Reach.Support, once: "providedBy", pass: "location photo coverageArea endpoint"),
        .. Of("Organization", Reach.Support, once: "partOf", pass: "endpoint"),
        .. Of("Practitioner", Reach.Support, pass: "photo qualification.issuer"),
        .. Of("RelatedPerson", Reach.Support, pass: "patient photo"),
        .. Of("Location", Reach.Support, pass: "managingOrganization partOf endpoint"),
        .. Of("Device", Reach.Support, pass: "definition patient owner location parent"),
        .. Of("DeviceMetric", Reach.Support, pass: "source parent"),
        .. Of("Endpoint", Reach.Support, pass: "managingOrganization"),
        .. Of("Binary", Reach.Support, pass: "securityContext"),
    ];

    private static IEnumerable<ReferenceEdge> Of(string type, string follow = "", string once = "", string name = "", string pass = "")
        => Of(type, Reach.Record, follow, once, name, pass);

    private static IEnumerable<ReferenceEdge> Of(string type, Reach from, string follow = "", string once = "", string name = "", string pass = "") =>
    [
        .. Rows(type, from, Following.Follow, follow), .. Rows(type, from, Following.Once, once),
        .. Rows(type, from, Following.Name, name), .. Rows(type, from, Following.Pass, pass),
    ];

    private static IEnumerable<ReferenceEdge> Rows(string type, Reach from, Following how, string paths)
        => paths.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(path => new ReferenceEdge(type, path, from, how));
}
