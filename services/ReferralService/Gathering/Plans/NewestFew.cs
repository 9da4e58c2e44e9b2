using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Where a resource stands among those of its kind: the newer first, the undated last, those of one moment by id.</summary>
internal readonly record struct Rank(DateTimeOffset? When, ResourceKey Key) : IComparable<Rank>
{
    public static Rank Of(RelevanceFacts facts) => new(facts.When?.Earliest, facts.Key);

    public int CompareTo(Rank other)
    {
        int byDate = Nullable.Compare(other.When, When);
        return byDate != 0 ? byDate : RecordIndex.ByTypeAndId(Key, other.Key);
    }
}

/// <summary>The newest few of one kind, whatever order they come in: never more are kept than are wanted.</summary>
internal sealed class NewestFew(int most)
{
    /// <summary>The newest first; made when there is something to keep, for of many kinds nothing ever is.</summary>
    private List<Match>? _kept;

    /// <summary>What the checklist and the alarms need of one that was met.</summary>
    public sealed record Match(RelevanceFacts Facts, IReadOnlyList<AlarmRule> Alarms)
    {
        public Rank Rank => Rank.Of(Facts);

        public PlanDate? When => Facts.When;

        public bool HasFile => Facts.HasFile;

        public bool HasImages => Facts.HasImages;
    }

    public IReadOnlyCollection<Match> Kept => _kept ?? (IReadOnlyCollection<Match>)[];

    /// <summary>Null when none was met.</summary>
    public Match? Newest => _kept?[0];

    public bool Holds(Rank rank) => _kept is not null && rank.CompareTo(_kept[^1].Rank) <= 0;

    /// <summary>Whether it would be kept as things stand: what would not need not be looked at closely.</summary>
    public bool Wants(Rank rank) => _kept is null || _kept.Count < most || rank.CompareTo(_kept[^1].Rank) < 0;

    public void Add(Match match)
    {
        var rank = match.Rank;
        if (!Wants(rank)) return;
        _kept ??= new List<Match>(1);
        if (_kept.Count == most) _kept.RemoveAt(_kept.Count - 1);
        int at = _kept.Count;
        while (at > 0 && rank.CompareTo(_kept[at - 1].Rank) < 0) at--;
        _kept.Insert(at, match);
    }
}
