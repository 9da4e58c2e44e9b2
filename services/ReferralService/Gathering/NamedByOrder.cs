using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>What the order itself leads to: sent because the clinician named it, and read before anything is judged, so that it counts like what the searches found.</summary>
/// <remarks>
/// What cannot be had here (not found, another patient's, not to travel, no room) is passed over: following references comes upon it again and
/// says so. Who and where, and files, wait until then: no plan judges them.
/// </remarks>
internal sealed class NamedByOrder(GatheredResource order, RecordIndex index, ReferenceReads reads, OwnOrigin own, GatheringOptions limits)
{
    private readonly Dictionary<ResourceKey, ReferenceEdge> _edges = Edges(order, own);

    public IReadOnlyCollection<ResourceKey> Keys => _edges.Keys;

    /// <summary>Conditions: they choose the plans.</summary>
    public IReadOnlyList<ResourceKey> Conditions => [.. _edges.Keys.Where(k => k.Type == "Condition").OrderBy(k => k.Id, StringComparer.Ordinal)];

    public Task<EhrFailure?> ReadConditionsAsync(CancellationToken cancellationToken) => ReadAsync(Conditions, cancellationToken);

    /// <summary>What the searches did not bring.</summary>
    public Task<EhrFailure?> ReadRestAsync(CancellationToken cancellationToken)
        => ReadAsync(_edges.Where(e => e.Value.How == Following.Follow && e.Key.Type is not ("Binary" or "Condition")).Select(e => e.Key), cancellationToken);

    private async Task<EhrFailure?> ReadAsync(IEnumerable<ResourceKey> keys, CancellationToken cancellationToken)
    {
        int room = Math.Max(0, limits.MaxResources - index.Count);
        var wanted = keys.Where(k => k.Type != "Patient" && !index.Knows(k)).Take(room).ToList();
        wanted.Sort(RecordIndex.ByTypeAndId);
        var (fetched, stop) = await reads.ReadAsync(wanted, _ => null, cancellationToken);
        if (stop is not null) return stop;
        for (int i = 0; i < wanted.Count; i++)
        {
            if (fetched[i].Body is not { } body) continue;
            if (fetched[i].Gap is not null || body.HidesPatient || body.HasCredentials || index.Bytes + body.Length > limits.MaxRecordBytes) index.Drop(body);
            else index.Add(body, new InclusionReason(_edges[wanted[i]].Rule, order.Key.ToString()), draft: null);
        }

        return null;
    }

    private static Dictionary<ResourceKey, ReferenceEdge> Edges(GatheredResource order, OwnOrigin own)
    {
        var edges = new Dictionary<ResourceKey, ReferenceEdge>();
        foreach (var found in order.References.Where(r => r.Site == ReferenceSite.Reference))
        {
            if (ReferenceEdges.Find(order.Key.Type, found.Path, Reach.Order) is not { } edge) continue;
            var reference = FhirReference.Parse(found.Text);
            if (!own.Holds(reference) || reference.Key is not { } key) continue;

            // Named twice: what makes it part of the record counts.
            if (!edges.TryGetValue(key, out var other) || edge.To > other.To) edges[key] = edge;
        }

        return edges;
    }
}
