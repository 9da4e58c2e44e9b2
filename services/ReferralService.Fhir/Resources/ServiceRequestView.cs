namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a ServiceRequest (R4 servicerequest.html); everything else stays in the bytes.</summary>
public sealed record ServiceRequestView
{
    public required string Id { get; init; }
    public string? VersionId { get; init; }
    public string? LastUpdated { get; init; }
    public string? Status { get; init; }
    public string? Intent { get; init; }
    public bool DoNotPerform { get; init; }
    public string? Priority { get; init; }
    public string? AuthoredOn { get; init; }
    public IReadOnlyList<ConceptView> Category { get; init; } = [];
    public ConceptView? Code { get; init; }
    public IReadOnlyList<ConceptView> ReasonCode { get; init; } = [];
    public ConceptView? PerformerType { get; init; }
    public ReferenceView? Subject { get; init; }
    public ReferenceView? Encounter { get; init; }
    public ReferenceView? Requester { get; init; }

    /// <summary>Ordered by the request-performerOrder extension where present, else as written.</summary>
    public IReadOnlyList<ReferenceView> Performer { get; init; } = [];
    public IReadOnlyList<ReferenceView> ReasonReference { get; init; } = [];
    public IReadOnlyList<ReferenceView> SupportingInfo { get; init; } = [];
    public IReadOnlyList<ReferenceView> Specimen { get; init; } = [];
    public IReadOnlyList<ReferenceView> Insurance { get; init; } = [];
    public IReadOnlyList<ReferenceView> BasedOn { get; init; } = [];
    public IReadOnlyList<FhirIdentifier> Identifier { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not a ServiceRequest, or an element has the wrong JSON shape; the path names it.</exception>
    public static ServiceRequestView Read(RawResource resource) => throw new NotImplementedException();
}
