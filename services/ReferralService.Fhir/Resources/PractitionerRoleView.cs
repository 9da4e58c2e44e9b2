using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a PractitionerRole.</summary>
public sealed record PractitionerRoleView
{
    public string? Id { get; init; }
    public IReadOnlyList<FhirIdentifier> Identifier { get; init; } = [];
    public bool? Active { get; init; }
    public ReferenceView? Practitioner { get; init; }
    public ReferenceView? Organization { get; init; }
    public IReadOnlyList<ConceptView> Specialty { get; init; } = [];
    public IReadOnlyList<ReferenceView> Endpoint { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not a PractitionerRole, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static PractitionerRoleView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "PractitionerRole");
        IReadOnlyList<FhirIdentifier> identifier = [];
        bool? active = null;
        ReferenceView? practitioner = null;
        ReferenceView? organization = null;
        IReadOnlyList<ConceptView> specialty = [];
        IReadOnlyList<ReferenceView> endpoint = [];
        while (e.Next())
        {
            if (e.Is("identifier"u8)) identifier = e.Identifiers();
            else if (e.Is("active"u8)) active = e.Boolean();
            else if (e.Is("practitioner"u8)) practitioner = e.Reference();
            else if (e.Is("organization"u8)) organization = e.Reference();
            else if (e.Is("specialty"u8)) specialty = e.Concepts();
            else if (e.Is("endpoint"u8)) endpoint = e.References();
            else e.Skip();
        }

        return new PractitionerRoleView
        {
            Id = resource.Id,
            Identifier = identifier,
            Active = active,
            Practitioner = practitioner,
            Organization = organization,
            Specialty = specialty,
            Endpoint = endpoint,
        };
    }
}
