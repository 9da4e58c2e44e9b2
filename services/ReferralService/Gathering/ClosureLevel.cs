using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>A resource to be read because a reference leads to it.</summary>
internal sealed record Want(ResourceKey Key, ReferenceEdge Edge, ResourceKey From, FhirReference Reference);

/// <summary>What one level of following references asks for, each resource once, by type and id.</summary>
internal sealed class ClosureLevel
{
    private readonly Dictionary<ResourceKey, Want> _wants = [];

    /// <summary>In the record already, but now reached further: to be looked at again.</summary>
    public HashSet<ResourceKey> Upgraded { get; } = [];

    public IReadOnlyList<Want> Wants
        => [.. _wants.Values.OrderBy(w => w.Key.Type, StringComparer.Ordinal).ThenBy(w => w.Key.Id, StringComparer.Ordinal)];

    /// <summary>Several edges may lead to one resource: the one that reaches furthest counts, the order's own first of all.</summary>
    public void Want(ResourceKey key, ReferenceEdge edge, ResourceKey from, FhirReference reference)
    {
        if (!_wants.TryGetValue(key, out var other) || (edge.From, edge.To).CompareTo((other.Edge.From, other.Edge.To)) > 0)
            _wants[key] = new Want(key, edge, from, reference);
    }
}
