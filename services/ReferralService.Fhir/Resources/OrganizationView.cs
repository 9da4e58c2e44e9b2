using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of an Organization.</summary>
public sealed record OrganizationView
{
    public string? Id { get; init; }
    public IReadOnlyList<FhirIdentifier> Identifier { get; init; } = [];
    public bool? Active { get; init; }
    public string? Name { get; init; }
    public ReferenceView? PartOf { get; init; }
    public IReadOnlyList<ReferenceView> Endpoint { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not an Organization, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static OrganizationView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Organization");
        IReadOnlyList<FhirIdentifier> identifier = [];
        bool? active = null;
        string? name = null;
        ReferenceView? partOf = null;
        IReadOnlyList<ReferenceView> endpoint = [];
        while (e.Next())
        {
            if (e.Is("identifier"u8)) identifier = e.Identifiers();
            else if (e.Is("active"u8)) active = e.Boolean();
            else if (e.Is("name"u8)) name = e.Text();
            else if (e.Is("partOf"u8)) partOf = e.Reference();
            else if (e.Is("endpoint"u8)) endpoint = e.References();
            else e.Skip();
        }

        return new OrganizationView
        {
            Id = resource.Id,
            Identifier = identifier,
            Active = active,
            Name = name,
            PartOf = partOf,
            Endpoint = endpoint,
        };
    }
}
