using ReferralService.Fhir.References;
using ReferralService.Ledger;
using ReferralService.Packaging.Lines;

namespace ReferralService.Packaging.Sections;

/// <summary>Lays the record out in sections: the first of the two passes over the bodies, one in memory at a time.</summary>
/// <remarks>
/// Clinical resources have the section of their kind. The others (practitioners, specimens, encounters …) are carried for what refers to
/// them; those nothing leads to stand under "Supporting information", so that everything in a document is reachable from its Composition.
/// Provenance alone is left out of that where it speaks of something reached: R4 lets it stand beside a document's entries. Not so in a
/// transaction, where delivery proves by the ways that lead from the Task that everything was stored.
/// </remarks>
internal sealed class SectionPlan
{
    private readonly CarriedBodies _bodies;
    private readonly PackageContents _contents;
    private readonly Dictionary<SectionKind, SectionDraft> _sections = [];
    private readonly List<Category> _categories = [];
    private readonly bool[] _reached;
    private readonly HashSet<PackageEntry?> _evidence;
    private readonly List<SectionEntry> _because = [];
    private readonly Queue<PackageEntry> _toFollow = [];
    private readonly Dictionary<string, StudyAccess> _imaging;

    private SectionPlan(CarriedBodies bodies, PackageContents contents, IReadOnlyList<StudyAccess> imaging)
    {
        (_bodies, _contents, _reached) = (bodies, contents, new bool[contents.Entries.Count]);
        _imaging = imaging.ToDictionary(i => i.Study, StringComparer.Ordinal);
        _evidence = contents.Order.Resource.References
            .Where(r => r.Path == "reasonReference")
            .Select(r => contents.Target(r.Text))
            .ToHashSet();
    }

    public static IReadOnlyList<Section> Make(
        CarriedBodies bodies, PackageContents contents, IReadOnlyList<StudyAccess> imaging, PackageForm form, CancellationToken cancellationToken)
    {
        var plan = new SectionPlan(bodies, contents, imaging);
        plan.Reach(contents.Patient);
        plan.Reach(contents.Encounter);
        plan.Reach(contents.Requester);
        foreach (var entry in contents.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry == contents.Order) plan.Place(entry, SectionKind.ReasonForReferral);
            else if (SectionRule.SpeaksOf(entry.Resource.Key.Type)) plan.Place(entry, null);
        }

        plan.Follow();
        foreach (var entry in contents.Entries)
        {
            if (plan._reached[entry.Position] || (form != PackageForm.Transaction && entry.Resource.Key.Type == "Provenance" && plan.SpeaksOfReached(entry))) continue;
            plan.Place(entry, SectionKind.Supporting);
            plan.Follow();
        }

        return [.. SectionKind.InOrder.Where(plan._sections.ContainsKey).Select(plan.Section)];
    }

    private Section Section(SectionKind kind) => _sections[kind].Finish(kind, kind == SectionKind.ReasonForReferral ? ReasonWords() : []);

    /// <summary>What the order gives as its evidence, in the words of its own section, and what its author noted.</summary>
    private List<string> ReasonWords()
    {
        var words = new List<string>();
        if (LineReader.Read(_bodies.ReadThin(_contents.Order.Resource).Span, LineRule.OrderNote, _categories).Value is { } note) words.Add($"Note: {note}");
        words.AddRange(_because.OrderBy(e => e.Entry.Position).Select(e => $"Because of: {string.Join(", ", new[] { e.Line.Label, e.Line.Value, DateText.Of(e.Line.Date) }.OfType<string>())}"));
        return words;
    }

    /// <param name="kind">Null: by type and category.</param>
    private void Place(PackageEntry entry, SectionKind? kind)
    {
        _categories.Clear();
        var line = LineReader.Read(_bodies.ReadThin(entry.Resource).Span, LineRule.For(entry.Resource.Key.Type), _categories);
        if (_imaging.GetValueOrDefault(entry.Resource.Key.ToString()) is { } access) line = line with { Status = line.Status is { } status ? $"{status}; {access.Words}" : access.Words };
        kind ??= SectionRule.KindOf(entry.Resource.Key.Type, _categories) ?? SectionKind.Supporting;
        if (!_sections.TryGetValue(kind, out var section)) _sections.Add(kind, section = new SectionDraft());
        var placed = new SectionEntry(entry, line);
        section.Add(placed);
        if (_evidence.Contains(entry)) _because.Add(placed);
        Reach(entry);
    }

    private void Reach(PackageEntry? entry)
    {
        if (entry is null || _reached[entry.Position]) return;
        _reached[entry.Position] = true;
        _toFollow.Enqueue(entry);
    }

    private void Follow()
    {
        while (_toFollow.TryDequeue(out var entry))
        {
            var references = entry.Resource.References;
            for (int i = 0; i < references.Count; i++)
            {
                if (references[i].Site != ReferenceSite.Narrative) Reach(_contents.Target(references[i].Text));
            }
        }
    }

    private bool SpeaksOfReached(PackageEntry entry)
        => entry.Resource.References.Any(r => r.Site == ReferenceSite.Reference && _contents.Target(r.Text) is { } target && _reached[target.Position]);
}
