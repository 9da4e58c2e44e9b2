namespace ReferralService.Gathering;

/// <summary>How far what was reached is followed itself.</summary>
internal enum Reach
{
    /// <summary>Nothing of it is followed.</summary>
    End,

    /// <summary>Who and where: only what makes its name complete (a role's person and organization).</summary>
    Support,

    /// <summary>Part of the record: its own results, specimens and images are wanted too.</summary>
    Record,

    /// <summary>The order itself.</summary>
    Order,
}

/// <summary>An element whose reference is followed.</summary>
/// <param name="Path">As <see cref="Fhir.References.FoundReference.Path"/>.</param>
/// <param name="From">Followed only from what was reached at least this far.</param>
/// <param name="To">How far the target counts as reached.</param>
internal sealed record ReferenceEdge(string Type, string Path, Reach From, Reach To)
{
    /// <summary>Its code in reasons and gaps: <c>order.requester</c>, <c>DiagnosticReport.result</c>.</summary>
    public string Rule { get; } = From == Reach.Order ? $"order.{Path}" : $"{Type}.{Path}";
}

/// <summary>Which references of R4's resources lead on. What is not in this table is named in the record but not fetched.</summary>
internal static class ReferenceEdges
{
    private static readonly Dictionary<(string Type, string Path), ReferenceEdge> Edges = Table().ToDictionary(e => (e.Type, e.Path));

    public static ReferenceEdge? Find(string type, string path, Reach reached)
        => Edges.TryGetValue((type, path), out var edge) && reached >= edge.From ? edge : null;

    public static IReadOnlyCollection<ReferenceEdge> All => Edges.Values;

    private static IEnumerable<ReferenceEdge> Table() =>
    [
        // The subject is not among them: the Patient is pulled first and on its own.
        .. Rows("ServiceRequest", Reach.Order, Reach.Record, "reasonReference", "supportingInfo", "specimen", "insurance"),
        .. Rows("ServiceRequest", Reach.Order, Reach.Support, "requester", "performer", "encounter"),

        .. Rows("DiagnosticReport", Reach.Record, Reach.Record, "result", "specimen", "imagingStudy", "media.link", "presentedForm"),
        .. Rows("DiagnosticReport", Reach.Record, Reach.Support, "performer", "resultsInterpreter", "encounter"),
        .. Rows("Observation", Reach.Record, Reach.Record, "hasMember", "derivedFrom", "specimen"),
        .. Rows("Observation", Reach.Record, Reach.Support, "performer", "encounter", "device"),
        .. Rows("Specimen", Reach.Record, Reach.Record, "parent"),
        .. Rows("Specimen", Reach.Record, Reach.Support, "collection.collector"),
        .. Rows("ImagingStudy", Reach.Record, Reach.Support, "endpoint", "series.endpoint", "referrer", "interpreter", "encounter", "location"),
        .. Rows("Media", Reach.Record, Reach.Record, "content"),
        .. Rows("Media", Reach.Record, Reach.Support, "operator", "device", "encounter"),
        .. Rows("MolecularSequence", Reach.Record, Reach.Record, "specimen"),
        .. Rows("QuestionnaireResponse", Reach.Record, Reach.Support, "author", "encounter"),

        .. Rows("Condition", Reach.Record, Reach.Record, "evidence.detail"),
        .. Rows("Condition", Reach.Record, Reach.Support, "recorder", "asserter", "encounter"),
        .. Rows("AllergyIntolerance", Reach.Record, Reach.Support, "recorder", "asserter", "encounter"),
        .. Rows("MedicationRequest", Reach.Record, Reach.Record, "medicationReference"),
        .. Rows("MedicationRequest", Reach.Record, Reach.Support, "requester", "encounter"),
        .. Rows("MedicationStatement", Reach.Record, Reach.Record, "medicationReference"),
        .. Rows("Medication", Reach.Record, Reach.Record, "ingredient.itemReference"),
        .. Rows("Procedure", Reach.Record, Reach.Record, "report"),
        .. Rows("Procedure", Reach.Record, Reach.Support, "performer.actor", "encounter", "location"),
        .. Rows("Immunization", Reach.Record, Reach.Support, "performer.actor", "location", "encounter"),
        .. Rows("DocumentReference", Reach.Record, Reach.Record, "context.related", "content.attachment"),
        .. Rows("DocumentReference", Reach.Record, Reach.Support, "author", "authenticator", "custodian", "context.encounter"),
        .. Rows("Coverage", Reach.Record, Reach.Support, "payor"),

        .. Rows("Patient", Reach.Record, Reach.Support, "generalPractitioner", "managingOrganization"),
        .. Rows("Encounter", Reach.Record, Reach.Support, "participant.individual", "serviceProvider", "location.location"),
        .. Rows("CareTeam", Reach.Record, Reach.Support, "participant.member", "managingOrganization"),

        // One level more, so that a name on a report has a person and a house; never up a whole hierarchy.
        .. Rows("PractitionerRole", Reach.Support, Reach.End, "practitioner", "organization", "location"),
        .. Rows("HealthcareService", Reach.Support, Reach.End, "providedBy"),
        .. Rows("Organization", Reach.Support, Reach.End, "partOf"),
    ];

    private static IEnumerable<ReferenceEdge> Rows(string type, Reach from, Reach to, params string[] paths)
        => paths.Select(path => new ReferenceEdge(type, path, from, to));
}
