using ReferralService.Fhir.References;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>A resource as a consent is held against it.</summary>
internal sealed record ConsentItem(GatheredResource Resource, ResourceTraits Traits)
{
    /// <summary>Who and where: not themselves the data that consents speak of by date, author or case.</summary>
    private static readonly HashSet<string> Actors = new(StringComparer.Ordinal)
    {
        "CareTeam", "Device", "Endpoint", "HealthcareService", "Location", "Medication", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Substance",
    };

    private static readonly HashSet<string> AuthorPaths = new(StringComparer.Ordinal)
    {
        "agent.who", "asserter", "author", "authenticator", "informationSource", "operator", "participant.individual", "performer", "performer.actor", "recorder", "requester",
        "resultsInterpreter", "sender", "source",
    };

    public bool IsActor => Actors.Contains(Resource.Key.Type);

    public IEnumerable<FoundReference> Authors => Resource.References.Where(r => r.Site == ReferenceSite.Reference && AuthorPaths.Contains(r.Path));
}
