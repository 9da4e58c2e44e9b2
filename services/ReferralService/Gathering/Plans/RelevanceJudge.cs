using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Decides what belongs to a referral, in two passes: <see cref="See"/> everything, in any order, then <see cref="Judge"/> each.</summary>
/// <remarks>
/// "The last three" is known only at the end, so nothing is decided before. Between the passes a resource is its <see cref="Sighting"/>
/// (what was read of it, and the few items it matched), and each item keeps as many matches of each code as it wants, or one where it wants all.
/// Not safe from several threads at once.
/// </remarks>
internal sealed class RelevanceJudge
{
    private readonly PlanItem[] _items;
    private readonly DateTimeOffset?[] _notBefore;
    private readonly string[] _rules;
    private readonly Dictionary<string, int[]> _byType;
    private readonly Dictionary<(int Item, string Group), Series> _series = [];
    private readonly List<Series>[] _seriesOf;
    private readonly bool[] _shownFile;
    private readonly bool[] _shownImages;
    private readonly Dictionary<Topic, TopicMatches> _matches = [];
    private readonly Judgement.LeaveOut?[] _leftOut;
    private readonly Judgement.LeaveOut _inError;
    private readonly Judgement.LeaveOut _cancelled;
    private readonly Judgement.LeaveOut _notRelevant;
    private readonly Func<ResourceKey, IReadOnlyList<ResultValue>>? _results;

    /// <param name="diagnosed">The earliest that the date of diagnosis may mean; null when it is not known.</param>
    /// <param name="results">Reads the values of what was seen without them, of the few that alarms look at; null: nothing is seen without.</param>
    public RelevanceJudge(IReadOnlyList<ChosenPlan> plans, DateTimeOffset now, DateTimeOffset? diagnosed, Func<ResourceKey, IReadOnlyList<ResultValue>>? results = null)
    {
        (Now, _results) = (now, results);
        _items = [.. plans.SelectMany(p => p.Plan.Items).OrderBy(i => i.Rule, StringComparer.Ordinal)];
        _notBefore = Array.ConvertAll(_items, i => i.LookBack.NotBefore(now, diagnosed));
        _rules = Array.ConvertAll(_items, i => i.Rule);
        _byType = _items
            .SelectMany((i, at) => i.Types.Select(type => (type, at)))
            .GroupBy(p => p.type, p => p.at, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        _seriesOf = Array.ConvertAll(_items, _ => new List<Series>());
        (_shownFile, _shownImages) = (new bool[_items.Length], new bool[_items.Length]);
        _leftOut = new Judgement.LeaveOut?[_items.Length * Nearnesses];
        string every = $"plan:{string.Join(',', plans.Select(p => p.Plan.Id))}";
        (_inError, _cancelled, _notRelevant) = (new(GapReason.EnteredInError, every), new(GapReason.Cancelled, every), new(LeftOut.NotRelevant, every));
    }

    private const int Nearnesses = 3;

    public DateTimeOffset Now { get; }

    public IReadOnlyList<PlanItem> Items => _items;

    /// <summary>Takes note of one resource. Each is to be seen once, in its newest version.</summary>
    public Sighting See(RelevanceFacts facts)
    {
        if (facts.EnteredInError) return new Sighting(facts, TopicMatches.None, _inError);
        if (facts.Status == "cancelled") return new Sighting(facts, TopicMatches.None, _cancelled);
        var matches = MatchesOf(facts.Topic);
        if (matches.Barred is not null) return new Sighting(facts, matches, matches.Barred);
        foreach (var match in matches.Matches)
        {
            if (NearnessOf(match.Item, facts) == Nearness.Wanted) Note(match, facts);
        }

        return new Sighting(facts, matches, null);
    }

    /// <summary>Only after everything was seen.</summary>
    public Judgement Judge(Sighting seen)
    {
        if (seen.Barred is not null) return seen.Barred;
        var matches = seen.Matches.Matches;
        Span<bool> wanting = matches.Length <= 128 ? stackalloc bool[matches.Length] : new bool[matches.Length];
        var (any, nearest, by) = (false, -1, 0);
        for (int i = 0; i < matches.Length; i++)
        {
            var (at, series) = matches[i];
            var nearness = NearnessOf(at, seen.Facts);
            wanting[i] = nearness == Nearness.Wanted && (_items[at].Last is null || series.All.Holds(seen.Rank));
            any |= wanting[i];
            if (!wanting[i] && (int)nearness > nearest) (nearest, by) = ((int)nearness, at);
        }

        // The items stand in the order of their rules, so the matches do.
        if (any) return seen.Matches.Include(wanting, _rules);
        return nearest < 0 ? _notRelevant : _leftOut[(by * Nearnesses) + nearest] ??= new Judgement.LeaveOut(Reason((Nearness)nearest), _rules[by]);
    }

    /// <summary>The newest that was seen of an item, of each of its codes: a preliminary one only where there is no other, for it may yet change.</summary>
    internal IEnumerable<NewestFew.Match> NewestOf(PlanItem item) => SeriesOf(item).Select(s => s.Settled.Newest ?? s.All.Newest).OfType<NewestFew.Match>();

    /// <summary>Those whose alarms count, of each of its codes: the newest, and where that is preliminary the newest other, which it does not undo.</summary>
    internal IEnumerable<NewestFew.Match> AlarmingOf(PlanItem item)
        => SeriesOf(item).SelectMany(s => new[] { s.All.Newest, s.Settled.Newest }).OfType<NewestFew.Match>().DistinctBy(m => m.Rank);

    /// <summary>Whether any of those that it wants came with this.</summary>
    internal bool IsShown(PlanItem item, Evidence evidence) => item.Last is null
        ? (evidence == Evidence.File ? _shownFile : _shownImages)[Array.IndexOf(_rules, item.Rule)]
        : SeriesOf(item).SelectMany(s => s.All.Kept).Any(m => evidence == Evidence.File ? m.HasFile : m.HasImages);

    private List<Series> SeriesOf(PlanItem item) => _seriesOf[Array.IndexOf(_rules, item.Rule)];

    private Nearness NearnessOf(int at, RelevanceFacts facts)
        => !_items[at].HasStatus(facts) ? Nearness.NotCurrent : facts.When?.Latest < _notBefore[at] ? Nearness.OutsideWindow : Nearness.Wanted;

    private TopicMatches MatchesOf(Topic topic)
    {
        if (_matches.TryGetValue(topic, out var known)) return known;
        var matches = Match(topic);
        if (topic.IsShared) _matches.Add(topic, matches);
        return matches;
    }

    private TopicMatches Match(Topic topic)
    {
        if (!_byType.TryGetValue(topic.Type, out var candidates)) return TopicMatches.None;
        var matches = new List<TopicMatches.Match>();
        foreach (int at in candidates)
        {
            var item = _items[at];
            if (!item.IsOfKind(topic, out var group)) continue;
            if (item.Need == Need.MustNot) return new TopicMatches([], new Judgement.LeaveOut(LeftOut.MustNotSend, item.Rule));
            if (!_series.TryGetValue((at, group), out var series))
            {
                _series.Add((at, group), series = new Series(item.Last ?? 1));
                _seriesOf[at].Add(series);
            }

            matches.Add(new TopicMatches.Match(at, series));
        }

        return matches.Count == 0 ? TopicMatches.None : new TopicMatches([.. matches], null);
    }

    private void Note(TopicMatches.Match match, RelevanceFacts facts)
    {
        var (at, series) = match;
        _shownFile[at] |= facts.HasFile;
        _shownImages[at] |= facts.HasImages;
        var rank = Rank.Of(facts);
        bool settles = !facts.IsPreliminary && series.Settled.Wants(rank);
        if (!settles && !series.All.Wants(rank)) return;
        var one = new NewestFew.Match(facts, Alarms(_items[at], facts));
        series.All.Add(one);
        if (settles) series.Settled.Add(one);
    }

    private AlarmRule[] Alarms(PlanItem item, RelevanceFacts facts)
    {
        List<AlarmRule>? raised = null;
        IReadOnlyList<ResultValue>? results = null;
        for (int i = 0; i < item.Alarms.Count; i++)
        {
            var alarm = item.Alarms[i];
            if (!alarm.MayBeRaisedBy(facts)) continue;
            results ??= facts.HasUnreadResults && _results is not null ? _results(facts.Key) : facts.Results;
            if (alarm.IsRaisedBy(facts, results)) (raised ??= []).Add(alarm);
        }

        return raised is null ? [] : [.. raised];
    }

    private static string Reason(Nearness nearness) => nearness switch
    {
        Nearness.NotCurrent => GapReason.NotCurrent,
        Nearness.OutsideWindow => GapReason.OutsideWindow,
        _ => LeftOut.BeyondLastN,
    };
}
