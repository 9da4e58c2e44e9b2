using ReferralService.Gathering.Plans;

namespace ReferralService.Tests.Gathering.Plans;

/// <summary>A test patient of one plan: the order, the record, and what a clinician wrote down must come of each resource.</summary>
/// <param name="Chosen">Ids of the plans, by id.</param>
/// <param name="Checklist">Rows that matter: <c>plan/item status [date] [lacks …]</c>.</param>
/// <param name="Alarms">Rule and resource.</param>
internal sealed record PlanCase(string Plan, OrderFacts Order, string Chosen, IReadOnlyList<PlanCase.Row> Rows, IReadOnlyList<string> Checklist, IReadOnlyList<string> Alarms)
{
    /// <param name="Json">Without its id.</param>
    /// <param name="Expected"><c>+ plan/item, plan/item</c>, or <c>- reason plan/item</c>.</param>
    public sealed record Row(string Id, string Json, string Expected);

    public override string ToString() => Plan;
}

/// <summary>Runs the shipped plans over a record and writes what came of it as a clinician would.</summary>
internal sealed class PlanBench
{
    private readonly IReadOnlyList<ChosenPlan> _plans;
    private readonly RelevanceJudge _judge;
    private readonly SortedDictionary<string, Sighting> _seen = new(StringComparer.Ordinal);

    public PlanBench(OrderFacts order, PlanBook? book = null)
    {
        _plans = PlanChoice.For(order, book ?? PlanBook.Shipped());
        _judge = new RelevanceJudge(_plans, Make.Now, order.Diagnosed);
    }

    public string Chosen => string.Join(' ', _plans.Select(p => p.Plan.Id));

    public PlanBench See(IEnumerable<PlanCase.Row> rows)
    {
        foreach (var row in rows) _seen.Add(row.Id, _judge.See(Make.Facts(row.Id, row.Json)));
        return this;
    }

    /// <summary>Each resource's id and what came of it.</summary>
    public IReadOnlyDictionary<string, string> Table() => _seen.ToDictionary(p => p.Key, p => Say(_judge.Judge(p.Value)));

    public Checklist Checklist() => ReferralService.Gathering.Plans.Checklist.Of(_plans, _judge);

    public IReadOnlyList<string> CheckLines() => [.. Checklist().Rows.Select(Say)];

    public IReadOnlyList<string> AlarmLines() => [.. Checklist().Alarms.Select(a => $"{Short(a.Rule)} {a.Resource}")];

    private static string Say(ChecklistRow row)
        => $"{Short(row.Item)} {row.Status.ToString().ToLowerInvariant()}{(row.Date is null ? "" : $" {row.Date}")}{string.Concat(row.Lacks.Select(l => $" lacks {l}"))}";

    private static string Say(Judgement judgement) => judgement switch
    {
        Judgement.Include include => $"+ {string.Join(", ", include.Rules.Select(Short))}",
        Judgement.LeaveOut left => $"- {left.Reason} {Short(left.Rule)}",
        _ => throw new ArgumentOutOfRangeException(nameof(judgement)),
    };

    private static string Short(string rule) => rule["plan:".Length..];
}
