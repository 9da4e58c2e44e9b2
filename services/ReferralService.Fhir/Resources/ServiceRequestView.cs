using ReferralService.Fhir.Json;

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

    /// <summary>What orders made together share: the number on the form.</summary>
    public FhirIdentifier? Requisition { get; init; }

    /// <exception cref="Errors.FhirFormatException">Not a ServiceRequest, one without id, or an element has the wrong JSON shape; the path names it.</exception>
    public static ServiceRequestView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "ServiceRequest");
        string? status = null, intent = null, priority = null, authoredOn = null;
        bool doNotPerform = false;
        FhirIdentifier? requisition = null;
        ConceptView? code = null, performerType = null;
        ReferenceView? subject = null, encounter = null, requester = null;
        IReadOnlyList<ConceptView> category = [], reasonCode = [];
        IReadOnlyList<ReferenceView> performer = [], reasonReference = [], supportingInfo = [], specimen = [], insurance = [], basedOn = [];
        IReadOnlyList<FhirIdentifier> identifier = [];
        while (e.Next())
        {
            if (e.Is("identifier"u8)) identifier = e.Identifiers();
            else if (e.Is("requisition"u8)) requisition = e.Identifier();
            else if (e.Is("basedOn"u8)) basedOn = e.References();
            else if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("intent"u8)) intent = e.Text();
            else if (e.Is("category"u8)) category = e.Concepts();
            else if (e.Is("priority"u8)) priority = e.Text();
            else if (e.Is("doNotPerform"u8)) doNotPerform = e.Boolean() ?? false;
            else if (e.Is("code"u8)) code = e.Concept();
            else if (e.Is("subject"u8)) subject = e.Reference();
            else if (e.Is("encounter"u8)) encounter = e.Reference();
            else if (e.Is("authoredOn"u8)) authoredOn = e.Text();
            else if (e.Is("requester"u8)) requester = e.Reference();
            else if (e.Is("performerType"u8)) performerType = e.Concept();
            else if (e.Is("performer"u8)) performer = [.. e.References().OrderBy(p => p.Order ?? int.MaxValue)];
            else if (e.Is("reasonCode"u8)) reasonCode = e.Concepts();
            else if (e.Is("reasonReference"u8)) reasonReference = e.References();
            else if (e.Is("insurance"u8)) insurance = e.References();
            else if (e.Is("supportingInfo"u8)) supportingInfo = e.References();
            else if (e.Is("specimen"u8)) specimen = e.References();
            else e.Skip();
        }

        return new ServiceRequestView
        {
            Id = resource.RequireId(),
            VersionId = resource.VersionId,
            LastUpdated = resource.LastUpdated,
            Status = status,
            Intent = intent,
            DoNotPerform = doNotPerform,
            Priority = priority,
            AuthoredOn = authoredOn,
            Category = category,
            Code = code,
            ReasonCode = reasonCode,
            PerformerType = performerType,
            Subject = subject,
            Encounter = encounter,
            Requester = requester,
            Performer = performer,
            ReasonReference = reasonReference,
            SupportingInfo = supportingInfo,
            Specimen = specimen,
            Insurance = insurance,
            BasedOn = basedOn,
            Identifier = identifier,
            Requisition = requisition,
        };
    }
}
