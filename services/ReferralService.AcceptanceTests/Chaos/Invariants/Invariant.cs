namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>A thing that is always true. Judges evidence, touches nothing.</summary>
internal abstract class Invariant
{
    /// <summary><c>I1</c> to <c>I12</c>, as in docs/faults.md.</summary>
    public abstract string Name { get; }

    /// <summary>One line for each breach; empty: it holds, as far as there was anything to look at.</summary>
    public abstract IEnumerable<string> Breaches(Evidence evidence);

    /// <summary>How much there was to look at, by kind: without any, that it holds says nothing.</summary>
    public abstract IEnumerable<Observation> Observed(Evidence evidence);

    public Finding Judge(Evidence evidence) => new(Name, [.. Observed(evidence)], [.. Breaches(evidence)]);

    public static IReadOnlyList<Invariant> All { get; } =
    [
        new NothingLost(), new OneEffect(), new StatusInOrder(), new NoCanary(), new CursorBehindTheStored(), new OthersUnharmed(),
        new Bounded(), new EveryEffectRecorded(), new BacklogDrains(), new FaultNamed(), new RecordComplete(), new BlocksHold(),
    ];
}
