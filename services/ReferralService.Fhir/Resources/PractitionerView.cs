using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a Practitioner.</summary>
public sealed record PractitionerView
{
    public string? Id { get; init; }
    public IReadOnlyList<FhirIdentifier> Identifier { get; init; } = [];
    public bool? Active { get; init; }
    public IReadOnlyList<HumanNameView> Name { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not a Practitioner, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static PractitionerView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Practitioner");
        IReadOnlyList<FhirIdentifier> identifier = [];
        bool? active = null;
        IReadOnlyList<HumanNameView> name = [];
        while (e.Next())
        {
            if (e.Is("identifier"u8)) identifier = e.Identifiers();
            else if (e.Is("active"u8)) active = e.Boolean();
            else if (e.Is("name"u8)) name = HumanNameView.List(ref e);
            else e.Skip();
        }

        return new PractitionerView
        {
            Id = resource.Id,
            Identifier = identifier,
            Active = active,
            Name = name,
        };
    }
}
