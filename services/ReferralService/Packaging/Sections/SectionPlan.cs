using System.Text;
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
internal sealed class SectionPlan : IDisposable
{
    private readonly BodyTokens _bodies;
    private readonly PackageContents _contents;
    private readonly PackageForm _form;
    private readonly Dictionary<SectionKind, SectionDraft> _sections = [];
    private readonly SpokenText _words = new();
    private readonly List<Category> _categories = [];

    /// <summary>By position.</summary>
    private readonly PooledList<bool> _reached;
    private readonly HashSet<int> _evidence = [];
    private readonly List<(int Position, string Words)> _because = [];

    /// <summary>What was reached, in its turn; up to <see cref="_followed"/> it was followed.</summary>
    private readonly PooledList<int> _toFollow = new();
    private int _followed;
    private readonly Dictionary<string, StudyAccess> _imaging;
    private TypeLayout _layout = TypeLayout.Of("ServiceRequest");

    public SectionPlan(BodyTokens bodies, PackageContents contents, IReadOnlyList<StudyAccess> imaging, PackageForm form)
    {
        (_bodies, _contents, _form, _reached) = (bodies, contents, form, new PooledList<bool>(contents.Count));
        for (int i = 0; i < contents.Count; i++) _reached.Add(false);
        _imaging = imaging.ToDictionary(i => i.Study, StringComparer.Ordinal);
        var references = contents.Order.Resource.References;
        for (int i = 0; i < references.Count; i++)
        {
            if (references[i].Path == "reasonReference" && contents.TargetAt(references[i].Text) is var reason and >= 0) _evidence.Add(reason);
        }

        Reach(contents.Patient.Position);
        if (contents.Encounter is { } encounter) Reach(encounter.Position);
        if (contents.Requester is { } requester) Reach(requester.Position);
    }

    /// <summary>Every entry in turn: places it if its kind has a section.</summary>
    public void Take(PackageEntry entry)
    {
        if (entry == _contents.Order) Place(entry, SectionKind.ReasonForReferral);
        else if (LayoutOf(entry).HasSection) Place(entry, null);
    }

    /// <summary>After all entries: what nothing leads to has its place, too.</summary>
    public IReadOnlyList<Section> Finish(CancellationToken cancellationToken)
    {
        Follow();
        for (int i = 0; i < _contents.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = _contents[i];
            if (_reached[i] || (_form != PackageForm.Transaction && entry.Resource.Key.Type == "Provenance" && SpeaksOfReached(entry))) continue;
            Place(entry, SectionKind.Supporting);
            Follow();
        }

        var sections = new List<Section>(_sections.Count);
        foreach (var kind in SectionKind.InOrder)
        {
            if (!_sections.TryGetValue(kind, out var draft)) continue;
            draft.Finish();
            sections.Add(new Section(kind, draft, kind == SectionKind.ReasonForReferral ? ReasonWords() : []));
        }

        return sections;
    }

    /// <summary>The sections' words go with it.</summary>
    public void Dispose()
    {
        _words.Dispose();
        _reached.Dispose();
        _toFollow.Dispose();
        foreach (var draft in _sections.Values) draft.Dispose();
    }

    /// <summary>What the order gives as its evidence, in the words of its own section, and what its author noted.</summary>
    private List<string> ReasonWords()
    {
        var said = new List<string>();
        int before = _words.Length;
        var note = LineReader.Read(_bodies.Read(_contents.Order.Resource), LineRule.OrderNote, _categories, _words).Value;
        if (!note.IsNothing) said.Add($"Note: {_words.ToText(note)}");
        _words.CutTo(before);
        _because.Sort(static (a, b) => a.Position.CompareTo(b.Position));
        said.AddRange(_because.Select(b => b.Words));
        return said;
    }

    /// <param name="kind">Null: by type and category.</param>
    private void Place(PackageEntry entry, SectionKind? kind)
    {
        _categories.Clear();
        _words.CutTo(0);
        var layout = LayoutOf(entry);
        var line = LineReader.Read(_bodies.Read(entry.Resource), layout.Lines, _categories, _words);
        if (_imaging.Count > 0 && _imaging.GetValueOrDefault(entry.Resource.Key.ToString()) is { } access) line = line with { Status = WithAccess(line.Status, access) };
        kind ??= layout.KindOf(_categories, _words) ?? SectionKind.Supporting;
        if (!_sections.TryGetValue(kind, out var section)) _sections.Add(kind, section = new SectionDraft(_contents));
        section.Add(entry, line, _words);
        if (_evidence.Contains(entry.Position)) _because.Add((entry.Position, Because(line)));
        Reach(entry.Position);
    }

    private Said WithAccess(Said status, StudyAccess access)
    {
        int at = _words.Length;
        _words.Add(status);
        if (!status.IsNothing) _words.Add("; "u8);
        _words.Add(Encoding.UTF8.GetBytes(access.Words));
        return _words.Since(at);
    }

    private string Because(ResourceLine line)
        => $"Because of: {string.Join(", ", new[] { _words.ToText(line.Label), _words.ToText(line.Value), DateText.Of(_words.ToText(line.Date)) }.OfType<string>())}";

    /// <summary>Types stand together.</summary>
    private TypeLayout LayoutOf(PackageEntry entry)
        => entry.Resource.Key.Type == _layout.Type ? _layout : _layout = TypeLayout.Of(entry.Resource.Key.Type);

    private void Reach(int position)
    {
        if (_reached[position]) return;
        _reached[position] = true;
        _toFollow.Add(position);
    }

    private void Follow()
    {
        while (_followed < _toFollow.Count)
        {
            var references = _contents.ResourceAt(_toFollow[_followed++]).References;
            for (int i = 0; i < references.Count; i++)
            {
                var (_, _, site, text, _) = references[i];
                if (site != ReferenceSite.Narrative && _contents.TargetAt(text) is var target and >= 0) Reach(target);
            }
        }
    }

    private bool SpeaksOfReached(PackageEntry entry)
        => entry.Resource.References.Any(r => r.Site == ReferenceSite.Reference && _contents.TargetAt(r.Text) is var target and >= 0 && _reached[target]);
}
