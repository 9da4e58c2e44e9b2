using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Where a resource stands among those of its kind: the newer first, the undated last, those of one moment by id.</summary>
internal readonly record struct Rank(DateTimeOffset? When, ResourceKey Key) : IComparable<Rank>
{
    public int CompareTo(Rank other)
    {
        int byDate = Nullable.Compare(other.When, When);
        return byDate != 0 ? byDate : RecordIndex.ByTypeAndId(Key, other.Key);
    }
}

/// <summary>The newest few of one kind, whatever order they come in: never more are kept than are wanted.</summary>
internal sealed class NewestFew(int most)
{
    private readonly SortedSet<Match> _kept = [];

    /// <summary>What the checklist and the alarms need of one that was met.</summary>
    public sealed record Match(Rank Rank, PlanDate? When, bool HasFile, bool HasImages, IReadOnlyList<AlarmRule> Alarms) : IComparable<Match>
    {
        public int CompareTo(Match? other) => other is null ? 1 : Rank.CompareTo(other.Rank);
    }

    public IReadOnlyCollection<Match> Kept => _kept;

    /// <summary>Null when none was met.</summary>
    public Match? Newest => _kept.Min;

    public bool Holds(Rank rank) => _kept.Count > 0 && rank.CompareTo(_kept.Max!.Rank) <= 0;

    /// <summary>Whether it would be kept as things stand: what would not need not be looked at closely.</summary>
    public bool Wants(Rank rank) => _kept.Count < most || rank.CompareTo(_kept.Max!.Rank) < 0;

    public void Add(Match match)
    {
        if (!Wants(match.Rank)) return;
        _kept.Add(match);
        if (_kept.Count > most) _kept.Remove(_kept.Max!);
    }
}
