namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I10, as far as the product has the parts: within 15 s /health/ready names what is down. (Metrics and an ops page are not built yet.)</summary>
internal sealed class FaultNamed : Invariant
{
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(15);

    public override string Name => "I10";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Namings.Count, "faults of broker or database")];

    public override IEnumerable<string> Breaches(Evidence evidence) => evidence.Namings.Where(n => n.After is null || n.After > Within)
        .Select(n => n.After is { } after ? $"{n.Fault}: named after {after.TotalSeconds:F1} s" : $"{n.Fault}: not named");
}
