using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>A result belongs to the report that states it: reports and panels which the searches found and no plan wanted come back for a result that is kept.</summary>
/// <remarks>
/// A report is a whole: what else it states comes with it, by the forward edges. One that states more than <see cref="MostParts"/> (a day's
/// whole chart) comes alone, and what is missing of it is told.
/// </remarks>
internal sealed class BackwardEdges(RecordIndex index, OwnOrigin own)
{
    private readonly ReferenceTexts _texts = new(own);

    /// <summary>The largest panels in use (metabolic, blood count with differential, urinalysis) have some thirty.</summary>
    public const int MostParts = 40;

    private static readonly (string Type, string Path)[] Table = [("DiagnosticReport", "result"), ("Observation", "hasMember")];

    /// <summary>Whether an edge leads from a whole to its parts.</summary>
    public static bool Leads(ReferenceEdge edge) => Table.Contains((edge.Type, edge.Path));

    /// <returns>Those that came back without their other parts.</returns>
    public IReadOnlySet<ResourceKey> TakeBack()
    {
        var returnable = index.Returnable();
        if (returnable.Count == 0) return new HashSet<ResourceKey>();
        var wholes = new Dictionary<ResourceKey, List<(GatheredResource Whole, string Path)>>();
        var sizes = new Dictionary<ResourceKey, int>();
        foreach (var whole in returnable)
        {
            foreach (var (path, part) in Parts(whole))
            {
                if (!wholes.TryGetValue(part, out var of)) wholes.Add(part, of = []);
                of.Add((whole, path));
                sizes[whole.Key] = sizes.GetValueOrDefault(whole.Key) + 1;
            }
        }

        var alone = new HashSet<ResourceKey>();
        var kept = new Queue<ResourceKey>(index.InOrder().Select(r => r.Key).Where(k => k.Type == "Observation"));
        while (kept.TryDequeue(out var part))
        {
            if (!wholes.TryGetValue(part, out var its)) continue;
            foreach (var (whole, path) in its)
            {
                string rule = $"Observation<-{whole.Key.Type}.{path}";
                if (index.Find(whole.Key) is null)
                {
                    if (index.TakeBack(whole.Key, out _) is null) continue;
                    if (sizes[whole.Key] > MostParts) alone.Add(whole.Key);

                    // A panel of panels, and the report that states the panel.
                    if (whole.Key.Type == "Observation") kept.Enqueue(whole.Key);
                }

                index.Because(whole.Key, rule, part);
            }
        }

        return alone;
    }

    private IEnumerable<(string Path, ResourceKey Part)> Parts(GatheredResource whole)
    {
        if (Array.Find(Table, t => t.Type == whole.Key.Type).Path is not { } path) yield break;
        for (int i = 0; i < whole.References.Count; i++)
        {
            var found = whole.References[i];
            if (found.Site == ReferenceSite.Reference && found.Path == path && _texts.KeyOf(found.Text) is { } key && key != whole.Key) yield return (path, key);
        }
    }
}
