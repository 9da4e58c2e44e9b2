namespace ReferralService.Gathering.Plans;

/// <summary>What one judge's items make of one topic: found out once, for all resources of a record that are about the same.</summary>
/// <param name="matches">By item.</param>
/// <param name="barred">The item that keeps it back says so; null: none does.</param>
internal sealed class TopicMatches(TopicMatches.Match[] matches, Judgement.LeaveOut? barred)
{
    /// <summary>Wanted by nothing.</summary>
    public static readonly TopicMatches None = new([], null);

    private bool[] _wanting = [];
    private Judgement.Include? _include;

    /// <param name="Item">Its place among the judge's items.</param>
    /// <param name="Series">Where those that count as of one kind are counted: see <see cref="PlanItem.IsOfKind"/>.</param>
    public readonly record struct Match(int Item, Series Series);

    public ReadOnlySpan<Match> Matches => matches;

    public Judgement.LeaveOut? Barred => barred;

    /// <summary>The judgement that these want it: most that are about the same are wanted by the same.</summary>
    /// <param name="wanting">For each match, whether it does.</param>
    /// <param name="rules">By item.</param>
    public Judgement.Include Include(ReadOnlySpan<bool> wanting, IReadOnlyList<string> rules)
    {
        if (_include is not null && wanting.SequenceEqual(_wanting)) return _include;
        var all = new List<string>();
        for (int i = 0; i < wanting.Length; i++)
        {
            if (wanting[i]) all.Add(rules[matches[i].Item]);
        }

        (_wanting, _include) = (wanting.ToArray(), new Judgement.Include(all));
        return _include;
    }
}

/// <summary>The newest of one kind that one item wants, and among them those that can no longer change.</summary>
internal sealed class Series(int most)
{
    public NewestFew All { get; } = new(most);

    /// <summary>The newest that is not preliminary.</summary>
    public NewestFew Settled { get; } = new(1);
}
