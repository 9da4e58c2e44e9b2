using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of an Endpoint.</summary>
public sealed record EndpointView
{
    public string? Id { get; init; }
    public string? Status { get; init; }
    public CodingView? ConnectionType { get; init; }
    public ReferenceView? ManagingOrganization { get; init; }
    public IReadOnlyList<ConceptView> PayloadType { get; init; } = [];
    public IReadOnlyList<string> PayloadMimeType { get; init; } = [];

    /// <summary>As the directory says it: not checked, not allowed to be called until it is.</summary>
    public string? Address { get; init; }

    /// <exception cref="Errors.FhirFormatException">Not an Endpoint, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static EndpointView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Endpoint");
        string? status = null;
        CodingView? connectionType = null;
        ReferenceView? managingOrganization = null;
        IReadOnlyList<ConceptView> payloadType = [];
        IReadOnlyList<string> payloadMimeType = [];
        string? address = null;
        while (e.Next())
        {
            if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("connectionType"u8)) connectionType = e.Coding();
            else if (e.Is("managingOrganization"u8)) managingOrganization = e.Reference();
            else if (e.Is("payloadType"u8)) payloadType = e.Concepts();
            else if (e.Is("payloadMimeType"u8)) payloadMimeType = e.Texts();
            else if (e.Is("address"u8)) address = e.Text();
            else e.Skip();
        }

        return new EndpointView
        {
            Id = resource.Id,
            Status = status,
            ConnectionType = connectionType,
            ManagingOrganization = managingOrganization,
            PayloadType = payloadType,
            PayloadMimeType = payloadMimeType,
            Address = address,
        };
    }
}
