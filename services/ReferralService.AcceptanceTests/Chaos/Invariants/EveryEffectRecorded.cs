namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I8, as far as the product has the parts: every effect stands in the service's ledger as an attempt, every delivered package as one delivered event.</summary>
internal sealed class EveryEffectRecorded : Invariant
{
    public override string Name => "I8";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Effects.Where(e => e.Package is not null).Select(e => e.Package).Distinct().Count(), "packages")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        var delivered = evidence.Timeline.Where(t => t is { Event: "delivered", PackageId: not null }).ToLookup(t => t.PackageId!);
        var referrals = evidence.Referrals.Where(r => r.PackageId is not null).ToDictionary(r => r.PackageId!);
        foreach (var package in evidence.Effects.Where(e => e.Package is not null).Select(e => e.Package!).Distinct())
        {
            if (referrals.TryGetValue(package, out var referral) && referral.Attempt == 0)
            {
                yield return $"package {package} was sent, and the ledger counts no attempt";
            }

            if (delivered[package].Count() != 1)
            {
                yield return $"package {package} was sent, and the timeline has {delivered[package].Count()} delivered events of it";
            }
        }
    }
}
