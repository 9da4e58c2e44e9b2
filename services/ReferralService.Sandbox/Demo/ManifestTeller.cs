namespace ReferralService.Sandbox.Demo;

/// <summary>Tells a manifest as a person would: by which plans, what they ask for and what is there, why things are inside, why others are not.</summary>
internal sealed class ManifestTeller(Screen screen)
{
    private const int Few = 3;

    public void Tell(ManifestFacts manifest)
    {
        Plans(manifest);
        Checklist(manifest);
        Inside(manifest);
        Imaging(manifest);
        Outside(manifest);
    }

    public void Plans(ManifestFacts manifest)
    {
        screen.Plain("      Record plans, data that a clinician reviews, chosen by what the order says:");
        foreach (var plan in manifest.Plan.OrderBy(p => p.Because.All(IsIncluded))) screen.Plain($"        {$"{plan.Id} {plan.Version}",-32} because of {string.Join(", ", plan.Because.Take(Few))}");
    }

    public void Checklist(ManifestFacts manifest)
    {
        screen.Plain("      Checklist: what the plans ask for, and of when the newest is");
        foreach (var row in manifest.Checklist.Where(r => r.Need == "must")) screen.Plain($"        {Row(row)}");
        var wished = manifest.Checklist.Where(r => r.Need != "must").ToList();
        foreach (var row in wished.Where(r => r.Status == "stale")) screen.Plain($"        {Row(row)}");
        screen.Plain($"        should have: {wished.Count(r => r.Status == "present")} present, {wished.Count(r => r.Status == "stale")} stale, {wished.Count(r => r.Status == "absent")} absent"
            + $" ({string.Join(", ", wished.Where(r => r.Status == "absent").Take(Few).Select(r => r.Label.ToLowerInvariant()))} …)");
    }

    public void Inside(ManifestFacts manifest)
    {
        screen.Plain($"      Inside, {manifest.Included.Count} resources, each with its reasons:");
        foreach (var group in manifest.Included.GroupBy(Kind).OrderByDescending(g => g.Count()))
        {
            screen.Plain($"        {group.Key}: {group.Count()}");
            foreach (var item in Spread(group.ToList())) screen.Plain($"          {item.Key,-32} {string.Join(", ", item.Reasons.Where(r => Kind(r) == group.Key).Take(2))}");
        }
    }

    public void Imaging(ManifestFacts manifest)
    {
        screen.Plain("      Images, which stay where they are until the consultant asks for them:");
        foreach (var study in manifest.Imaging)
            screen.Plain($"          {study.Study,-32} {(study.StudyUid ? "study UID" : "no study UID")}, {(study.Access.Count > 0 ? string.Join(", ", study.Access) : "no address")}");
    }

    public void Outside(ManifestFacts manifest)
    {
        screen.Plain($"      Left out, {manifest.Omitted.Count} rows, each with its reason:");
        foreach (var group in manifest.Omitted.GroupBy(o => o.Reason).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            screen.Plain($"        {group.Key}: {group.Count()}");
            foreach (var row in group.Take(Few)) screen.Plain($"          {row.Reference,-32} {row.Rule}");
        }
    }

    private static string Row(CheckFacts row)
        => $"{row.Need,-7}{row.Label,-48}{row.Status,-9}{row.Date ?? "-",-12}{(row.Lacks.Count == 0 ? "" : $"without {string.Join(", ", row.Lacks)}")}".TrimEnd();

    private static string Kind(IncludedFacts item) => Order.First(kind => item.Reasons.Any(r => Kind(r) == kind));

    /// <summary>The strongest reason first: what the clinician named, what a plan wants, what those refer to.</summary>
    private static readonly string[] Order = ["the order names it", "a plan asks for it", "something inside refers to it", "a search found it"];

    private static string Kind(string reason)
        => reason.StartsWith("order", StringComparison.Ordinal) ? Order[0] : reason.StartsWith("plan:", StringComparison.Ordinal) ? Order[1] : reason.StartsWith("search.", StringComparison.Ordinal) ? Order[3] : Order[2];

    private static bool IsIncluded(string because) => because.StartsWith("included-by:", StringComparison.Ordinal);

    /// <summary>The first, the middle and the last: neighbours are alike.</summary>
    private static IEnumerable<IncludedFacts> Spread(List<IncludedFacts> items) => new[] { 0, items.Count / 2, items.Count - 1 }.Distinct().Select(i => items[i]);
}
