namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I11: a package that was sent has all of the record, or its manifest says what is missing.</summary>
internal sealed class RecordComplete : Invariant
{
    public override string Name => "I11";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Effects.Where(e => e is { Package: not null, Order: not null }).Select(e => e.Package).Distinct().Count(), "packages")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        var orders = evidence.Orders.ToDictionary(o => o.Order);
        foreach (var effect in evidence.Effects.Where(e => e is { Package: not null, Order: not null }).DistinctBy(e => e.Package))
        {
            if (!evidence.Packages.TryGetValue(effect.Package!, out var content))
            {
                yield return $"package {effect.Package}: was sent and has no manifest";
                continue;
            }

            var missing = orders[effect.Order!].Record.Where(key => !content.Included.Contains(key) && !content.Omitted.Contains(key)).ToList();
            if (missing.Count > 0)
            {
                yield return $"package {effect.Package}: {missing.Count} of the record are neither in it nor said to be missing ({string.Join(' ', missing.Select(key => key.Split('/')[0]).Distinct())})";
            }
        }
    }
}
