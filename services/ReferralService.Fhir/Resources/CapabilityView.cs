using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What a server says of itself at /metadata: per type its interactions, search parameters, includes and updateCreate.</summary>
public sealed record CapabilityView
{
    public string? FhirVersion { get; init; }

    /// <summary>Name and version of its software, as far as it tells.</summary>
    public string? Software { get; init; }
    public IReadOnlySet<string> SystemInteractions { get; init; } = new HashSet<string>();
    public IReadOnlyDictionary<string, ResourceCapability> Resources { get; init; } = new Dictionary<string, ResourceCapability>();

    public bool Supports(string type, string interaction) => Resources.TryGetValue(type, out var r) && r.Interactions.Contains(interaction);

    public bool CanSearch(string type, string parameter) => Resources.TryGetValue(type, out var r) && r.SearchParameters.Contains(parameter);

    /// <summary>Reads the parts with mode server (or none); parameters named for all types count for each type.</summary>
    /// <exception cref="Errors.FhirFormatException">Not a CapabilityStatement, or an element has the wrong JSON shape.</exception>
    public static CapabilityView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "CapabilityStatement");
        string? version = null, software = null;
        IReadOnlyList<Rest> rest = [];
        while (e.Next())
        {
            if (e.Is("fhirVersion"u8)) version = e.Text();
            else if (e.Is("software"u8)) software = ReadSoftware(ref e);
            else if (e.Is("rest"u8)) rest = e.List(static (ref ElementReader r) => ReadRest(ref r));
            else e.Skip();
        }

        var resources = new Dictionary<string, ResourceCapability>(StringComparer.Ordinal);
        var interactions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in rest.Where(r => r.Mode is null or "server"))
        {
            interactions.UnionWith(part.Interactions);
            foreach (var (type, capability) in part.Types)
            {
                var parameters = new HashSet<string>(capability.SearchParameters, StringComparer.Ordinal);
                parameters.UnionWith(part.SearchParameters);
                resources[type] = capability with { SearchParameters = parameters };
            }
        }

        return new CapabilityView { FhirVersion = version, Software = software, SystemInteractions = interactions, Resources = resources };
    }

    private sealed record Rest(
        string? Mode, IReadOnlyList<string> Interactions, IReadOnlyList<string> SearchParameters, IReadOnlyList<TypedCapability> Types);

    private sealed record TypedCapability(string Type, ResourceCapability Capability);

    private static string? ReadSoftware(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? name = null, version = null;
        while (e.Next())
        {
            if (e.Is("name"u8)) name = e.Text();
            else if (e.Is("version"u8)) version = e.Text();
            else e.Skip();
        }

        return $"{name} {version}".Trim();
    }

    private static Rest? ReadRest(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? mode = null;
        IReadOnlyList<string> interactions = [], parameters = [];
        IReadOnlyList<TypedCapability> types = [];
        while (e.Next())
        {
            if (e.Is("mode"u8)) mode = e.Text();
            else if (e.Is("interaction"u8)) interactions = Named(ref e, "code");
            else if (e.Is("searchParam"u8)) parameters = Named(ref e, "name");
            else if (e.Is("resource"u8)) types = e.List(static (ref ElementReader r) => ReadType(ref r));
            else e.Skip();
        }

        return new Rest(mode, interactions, parameters, types);
    }

    private static TypedCapability? ReadType(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? type = null;
        bool updateCreate = false, conditionalCreate = false;
        IReadOnlyList<string> interactions = [], parameters = [], includes = [];
        while (e.Next())
        {
            if (e.Is("type"u8)) type = e.Text();
            else if (e.Is("interaction"u8)) interactions = Named(ref e, "code");
            else if (e.Is("searchParam"u8)) parameters = Named(ref e, "name");
            else if (e.Is("searchInclude"u8)) includes = e.Texts();
            else if (e.Is("updateCreate"u8)) updateCreate = e.Boolean() ?? false;
            else if (e.Is("conditionalCreate"u8)) conditionalCreate = e.Boolean() ?? false;
            else e.Skip();
        }

        return type is null ? null : new TypedCapability(type, new ResourceCapability(
            interactions.ToHashSet(), parameters.ToHashSet(), includes.ToHashSet(), updateCreate, conditionalCreate));
    }

    /// <summary>One text out of each object of a list.</summary>
    private static List<string> Named(ref ElementReader e, string element)
    {
        var names = new List<string>();
        if (!e.EnterList()) return names;
        Span<byte> utf8 = stackalloc byte[element.Length];
        System.Text.Encoding.ASCII.GetBytes(element, utf8);
        while (e.NextItem())
        {
            if (!e.Enter()) continue;
            while (e.Next())
            {
                if (!e.Is(utf8)) e.Skip();
                else if (e.Text() is { } name) names.Add(name);
            }
        }

        return names;
    }
}

public sealed record ResourceCapability(
    IReadOnlySet<string> Interactions, IReadOnlySet<string> SearchParameters, IReadOnlySet<string> SearchIncludes, bool UpdateCreate, bool ConditionalCreate);
