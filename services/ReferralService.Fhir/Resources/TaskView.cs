using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a Task.</summary>
public sealed record TaskView
{
    public string? Id { get; init; }
    public IReadOnlyList<FhirIdentifier> Identifier { get; init; } = [];
    public FhirIdentifier? GroupIdentifier { get; init; }
    public IReadOnlyList<ReferenceView> BasedOn { get; init; } = [];
    public string? Status { get; init; }
    public ConceptView? StatusReason { get; init; }
    public ConceptView? BusinessStatus { get; init; }
    public string? Intent { get; init; }
    public ConceptView? Code { get; init; }
    public ReferenceView? Focus { get; init; }
    public ReferenceView? For { get; init; }
    public string? LastModified { get; init; }
    public ReferenceView? Requester { get; init; }
    public ReferenceView? Owner { get; init; }

    /// <exception cref="Errors.FhirFormatException">Not a Task, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static TaskView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Task");
        IReadOnlyList<FhirIdentifier> identifier = [];
        FhirIdentifier? groupIdentifier = null;
        IReadOnlyList<ReferenceView> basedOn = [];
        string? status = null;
        ConceptView? statusReason = null;
        ConceptView? businessStatus = null;
        string? intent = null;
        ConceptView? code = null;
        ReferenceView? focus = null;
        ReferenceView? @for = null;
        string? lastModified = null;
        ReferenceView? requester = null;
        ReferenceView? owner = null;
        while (e.Next())
        {
            if (e.Is("identifier"u8)) identifier = e.Identifiers();
            else if (e.Is("groupIdentifier"u8)) groupIdentifier = e.Identifier();
            else if (e.Is("basedOn"u8)) basedOn = e.References();
            else if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("statusReason"u8)) statusReason = e.Concept();
            else if (e.Is("businessStatus"u8)) businessStatus = e.Concept();
            else if (e.Is("intent"u8)) intent = e.Text();
            else if (e.Is("code"u8)) code = e.Concept();
            else if (e.Is("focus"u8)) focus = e.Reference();
            else if (e.Is("for"u8)) @for = e.Reference();
            else if (e.Is("lastModified"u8)) lastModified = e.Text();
            else if (e.Is("requester"u8)) requester = e.Reference();
            else if (e.Is("owner"u8)) owner = e.Reference();
            else e.Skip();
        }

        return new TaskView
        {
            Id = resource.Id,
            Identifier = identifier,
            GroupIdentifier = groupIdentifier,
            BasedOn = basedOn,
            Status = status,
            StatusReason = statusReason,
            BusinessStatus = businessStatus,
            Intent = intent,
            Code = code,
            Focus = focus,
            For = @for,
            LastModified = lastModified,
            Requester = requester,
            Owner = owner,
        };
    }
}
