using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What says who somebody is that an order names as performer: Practitioner, PractitionerRole, Organization, HealthcareService or CareTeam.</summary>
public sealed record PerformerView
{
    public IReadOnlyList<FhirIdentifier> Identifier { get; init; } = [];

    /// <summary>Whom it stands for, nearest first: PractitionerRole.practitioner and .organization, HealthcareService.providedBy, CareTeam.managingOrganization.</summary>
    public IReadOnlyList<ReferenceView> StandsFor { get; init; } = [];

    /// <summary>Organization.partOf.</summary>
    public ReferenceView? PartOf { get; init; }

    /// <exception cref="Errors.FhirFormatException">An element has the wrong JSON shape; the path names it.</exception>
    public static PerformerView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource);
        IReadOnlyList<FhirIdentifier> identifier = [];
        var standsFor = new List<ReferenceView>();
        ReferenceView? partOf = null;
        while (e.Next())
        {
            if (e.Is("identifier"u8)) identifier = e.Identifiers();
            else if (resource.Type == "PractitionerRole" && (e.Is("practitioner"u8) || e.Is("organization"u8))) Add(e.Reference());
            else if (resource.Type == "HealthcareService" && e.Is("providedBy"u8)) Add(e.Reference());
            else if (resource.Type == "CareTeam" && e.Is("managingOrganization"u8)) standsFor.AddRange(e.References());
            else if (resource.Type == "Organization" && e.Is("partOf"u8)) partOf = e.Reference();
            else e.Skip();
        }

        return new PerformerView { Identifier = identifier, StandsFor = standsFor, PartOf = partOf };

        void Add(ReferenceView? reference)
        {
            if (reference is not null) standsFor.Add(reference);
        }
    }
}
