namespace ReferralService.Gathering.Plans;

/// <summary>Decides what belongs to a referral, in two passes: <see cref="See"/> everything, in any order, then <see cref="Judge"/> each.</summary>
/// <remarks>
/// "The last three" is known only at the end, so nothing is decided before. Between the passes a resource is its <see cref="Sighting"/>
/// (its key, a date, the few items it matched), and each item keeps as many matches of each code as it wants, or one where it wants all.
/// Not safe from several threads at once.
/// </remarks>
internal sealed class RelevanceJudge
{
    private readonly List<(PlanItem Item, DateTimeOffset? NotBefore)> _items;
    private readonly Dictionary<string, int[]> _byType;
    private readonly Dictionary<(int Item, string Group), NewestFew> _newest = [];
    private readonly Dictionary<(int Item, string Group), NewestFew> _settled = [];
    private readonly HashSet<(int Item, Evidence Evidence)> _shown = [];
    private readonly string _plans;

    /// <param name="diagnosed">The earliest that the date of diagnosis may mean; null when it is not known.</param>
    public RelevanceJudge(IReadOnlyList<ChosenPlan> plans, DateTimeOffset now, DateTimeOffset? diagnosed)
    {
        Now = now;
        _items = [.. plans.SelectMany(p => p.Plan.Items).OrderBy(i => i.Rule, StringComparer.Ordinal).Select(i => (i, i.LookBack.NotBefore(now, diagnosed)))];
        _byType = _items
            .SelectMany((i, at) => i.Item.Types.Select(type => (type, at)))
            .GroupBy(p => p.type, p => p.at, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        _plans = $"plan:{string.Join(',', plans.Select(p => p.Plan.Id))}";
    }

    public DateTimeOffset Now { get; }

    public IEnumerable<PlanItem> Items => _items.Select(i => i.Item);

    /// <summary>Takes note of one resource. Each is to be seen once, in its newest version.</summary>
    public Sighting See(RelevanceFacts facts)
    {
        var rank = new Rank(facts.When?.Earliest, facts.Key);
        if (facts.EnteredInError) return new Sighting(rank, [], new Judgement.LeaveOut(GapReason.EnteredInError, _plans));
        if (facts.Status == "cancelled") return new Sighting(rank, [], new Judgement.LeaveOut(GapReason.Cancelled, _plans));
        if (!_byType.TryGetValue(facts.Key.Type, out var candidates)) return new Sighting(rank, [], null);

        List<Hit>? hits = null;
        foreach (int at in candidates)
        {
            var (item, notBefore) = _items[at];
            if (!item.IsOfKind(facts, out var group)) continue;
            if (item.Need == Need.MustNot) return new Sighting(rank, [], new Judgement.LeaveOut(LeftOut.MustNotSend, item.Rule));
            var nearness = !item.HasStatus(facts) ? Nearness.NotCurrent : facts.When?.Latest < notBefore ? Nearness.OutsideWindow : Nearness.Wanted;
            (hits ??= []).Add(new Hit(at, group, nearness));
        }

        if (hits is null) return new Sighting(rank, [], null);
        foreach (var hit in hits.Where(h => h.Nearness == Nearness.Wanted)) Note(hit, rank, facts);
        return new Sighting(rank, hits, null);
    }

    /// <summary>Only after everything was seen.</summary>
    public Judgement Judge(Sighting seen)
    {
        if (seen.Barred is { } barred) return barred;
        var rules = new List<string>();
        (string Reason, string Rule, int Nearness)? nearest = null;
        foreach (var hit in seen.Hits)
        {
            var item = _items[hit.Item].Item;
            if (hit.Nearness == Nearness.Wanted && (item.Last is null || _newest[(hit.Item, hit.Group)].Holds(seen.Rank))) rules.Add(item.Rule);
            else if (nearest is null || (int)hit.Nearness > nearest.Value.Nearness) nearest = (Reason(hit.Nearness), item.Rule, (int)hit.Nearness);
        }

        // The items stand in the order of their rules, so the hits do.
        if (rules.Count > 0) return new Judgement.Include(rules);
        return nearest is { } n ? new Judgement.LeaveOut(n.Reason, n.Rule) : new Judgement.LeaveOut(LeftOut.NotRelevant, _plans);
    }

    /// <summary>The newest that was seen of an item, of each of its codes: a preliminary one only where there is no other, for it may yet change.</summary>
    internal IEnumerable<NewestFew.Match> NewestOf(PlanItem item) => Of(item).Select(key => (_settled.GetValueOrDefault(key) ?? _newest[key]).Newest).OfType<NewestFew.Match>();

    /// <summary>Those whose alarms count, of each of its codes: the newest, and where that is preliminary the newest other, which it does not undo.</summary>
    internal IEnumerable<NewestFew.Match> AlarmingOf(PlanItem item)
        => Of(item).SelectMany(key => new[] { _newest[key].Newest, _settled.GetValueOrDefault(key)?.Newest }).OfType<NewestFew.Match>().DistinctBy(m => m.Rank);

    private IEnumerable<(int Item, string Group)> Of(PlanItem item) => _newest.Keys.Where(key => _items[key.Item].Item.Rule == item.Rule);

    /// <summary>Whether any of those that it wants came with this.</summary>
    internal bool IsShown(PlanItem item, Evidence evidence) => item.Last is null
        ? _shown.Contains((_items.FindIndex(i => i.Item.Rule == item.Rule), evidence))
        : _newest.Where(p => _items[p.Key.Item].Item.Rule == item.Rule).SelectMany(p => p.Value.Kept).Any(m => evidence == Evidence.File ? m.HasFile : m.HasImages);

    private void Note(Hit hit, Rank rank, RelevanceFacts facts)
    {
        var item = _items[hit.Item].Item;
        if (facts.HasFile) _shown.Add((hit.Item, Evidence.File));
        if (facts.HasImages) _shown.Add((hit.Item, Evidence.Images));
        if (!_newest.TryGetValue((hit.Item, hit.Group), out var newest)) _newest.Add((hit.Item, hit.Group), newest = new NewestFew(item.Last ?? 1));
        NewestFew? settled = null;
        if (!facts.IsPreliminary && !_settled.TryGetValue((hit.Item, hit.Group), out settled)) _settled.Add((hit.Item, hit.Group), settled = new NewestFew(1));
        if (!newest.Wants(rank) && settled?.Wants(rank) != true) return;
        IReadOnlyList<AlarmRule> alarms = item.Alarms.Count == 0 ? [] : [.. item.Alarms.Where(a => a.IsRaisedBy(facts))];
        var match = new NewestFew.Match(rank, facts.When, facts.HasFile, facts.HasImages, alarms);
        newest.Add(match);
        settled?.Add(match);
    }

    private static string Reason(Nearness nearness) => nearness switch
    {
        Nearness.NotCurrent => GapReason.NotCurrent,
        Nearness.OutsideWindow => GapReason.OutsideWindow,
        _ => LeftOut.BeyondLastN,
    };
}
