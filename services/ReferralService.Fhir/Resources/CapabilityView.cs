namespace ReferralService.Fhir.Resources;

/// <summary>What a server says of itself at /metadata: per type its interactions, search parameters, includes and updateCreate.</summary>
public sealed record CapabilityView
{
    public string? FhirVersion { get; init; }
    public IReadOnlySet<string> SystemInteractions { get; init; } = new HashSet<string>();
    public IReadOnlyDictionary<string, ResourceCapability> Resources { get; init; } = new Dictionary<string, ResourceCapability>();

    public bool Supports(string type, string interaction) => Resources.TryGetValue(type, out var r) && r.Interactions.Contains(interaction);

    public bool CanSearch(string type, string parameter) => Resources.TryGetValue(type, out var r) && r.SearchParameters.Contains(parameter);

    public static CapabilityView Read(RawResource resource) => throw new NotImplementedException();
}

public sealed record ResourceCapability(
    IReadOnlySet<string> Interactions, IReadOnlySet<string> SearchParameters, IReadOnlySet<string> SearchIncludes, bool UpdateCreate, bool ConditionalCreate);
