namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I9: once the fault is gone the backlog drains by itself; nobody touches anything.</summary>
internal sealed class BacklogDrains : Invariant
{
    public override string Name => "I9";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Drains.Count, "backlogs")];

    public override IEnumerable<string> Breaches(Evidence evidence) => evidence.Drains.Where(d => d.Left > 0)
        .Select(d => $"after {d.Phase}: {d.Left} unfinished {d.Took.TotalSeconds:F0} s after the last fault");
}
