namespace ReferralService.Gathering;

/// <summary>One kind of resource the plan asks for, with every way it may be asked.</summary>
/// <param name="Rule">Code of the rule, e.g. <c>search.Observation</c>.</param>
/// <param name="Mandatory">Without it there is no package; else it becomes a gap after three tries.</param>
/// <param name="LeftOut">What the search leaves out by intention, e.g. <c>Observation?date=lt2024-11-22</c>, told wherever it was asked narrowly; null: nothing.</param>
/// <param name="Ways">Tried in order until the EHR does not refuse; which one worked is learned.</param>
internal sealed record PlannedSearch(string Type, string Rule, bool Mandatory, Sieve Sieve, GatheringGap? LeftOut, IReadOnlyList<SearchWay> Ways)
{
    /// <summary>By which answers to every form the EHR says that it has nothing of the kind; any other refusal hides something.</summary>
    public IReadOnlyList<FailureKind> MeansNone { get; init; } = [FailureKind.NotFound];
}

/// <summary>One way to ask for everything a search wants: all its branches together.</summary>
/// <param name="name">Under which it is learned, e.g. <c>patient</c>, <c>patient/category</c>.</param>
/// <param name="whole">Nothing that the search wants can stay away; else that is told.</param>
internal sealed class SearchWay(string name, bool whole, Func<IReadOnlyList<SearchBranch>> branches)
{
    private IReadOnlyList<SearchBranch>? _branches;

    public string Name { get; } = name;

    public bool Whole { get; } = whole;

    /// <summary>Written when first asked for: nearly every EHR answers the first way, and the others are many.</summary>
    public IReadOnlyList<SearchBranch> Branches => _branches ??= branches();
}

/// <summary>A part of a way with its own ladder: the first rung that the EHR does not refuse is the answer.</summary>
/// <param name="Rule">E.g. <c>search.Observation.laboratory</c>.</param>
internal sealed record SearchBranch(string Rule, IReadOnlyList<SearchRung> Ladder);

/// <summary>Queries that only together are the answer, e.g. one with a date and one for what has none. What is small and likely to be refused comes first.</summary>
/// <param name="Name">Under which it is learned, whatever the plans want: <c>filtered</c>, <c>instant</c>, <c>all</c> …</param>
/// <param name="Narrow">The EHR itself is asked to leave out what the search does not want: what stays away is never seen here.</param>
internal sealed record SearchRung(string Name, IReadOnlyList<SearchQuery> Queries, bool Narrow);

/// <summary>A query ready to be sent but for the patient, whose id stands as <c>{patient}</c>.</summary>
/// <param name="Sieve">Its hits' own, where it asks for more than its search does; null: the search's.</param>
internal sealed record SearchQuery(string Text, Sieve? Sieve = null)
{
    public const string PatientMark = "{patient}";

    public string For(string patientId) => Text.Replace(PatientMark, patientId, StringComparison.Ordinal);

    /// <summary>Names with modifiers of what narrows the result: a server that leaves one out of its self link has ignored it.</summary>
    public IReadOnlyList<string> Filters =>
        [.. Text.Split('&').Select(pair => pair[..pair.IndexOf('=', StringComparison.Ordinal)]).Where(name => name[0] != '_')];

    /// <summary>The same without page size, for servers that refuse to be told one.</summary>
    public SearchQuery Uncounted() => new(string.Join('&', Text.Split('&').Where(pair => !pair.StartsWith("_count=", StringComparison.Ordinal))), Sieve);
}
