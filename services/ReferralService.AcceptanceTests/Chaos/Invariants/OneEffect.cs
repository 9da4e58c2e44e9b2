using ReferralService.AcceptanceTests.Chaos.Truth;

namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I2: one effect of each (referral, consultant, package version) in the consultant's own ledger, with the bytes that the service's ledger names.</summary>
/// <remarks>The same bytes put again under the same id change nothing at a server with update-as-create: that is one effect. A second create never is.</remarks>
internal sealed class OneEffect : Invariant
{
    public override string Name => "I2";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Effects.Where(e => e.Package is not null).Select(e => (e.Consultant, e.Package)).Distinct().Count(), "packages")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        var packages = evidence.Referrals.Where(r => r.PackageId is not null).ToDictionary(r => r.PackageId!);
        var versions = evidence.Timeline.Where(t => t.PackageId is not null).Select(t => t.PackageId!).ToHashSet();
        foreach (var effect in evidence.Effects.Where(e => e.Package is null))
        {
            yield return $"{effect.Consultant} {effect.Key}: carries no package's id";
        }

        foreach (var same in evidence.Effects.Where(e => e.Package is not null).GroupBy(e => (e.Consultant, e.Package)))
        {
            var places = same.Select(e => e.Key).Distinct().ToList();
            if (places.Count > 1 || same.Count(e => e.Interaction != "update") > 1)
            {
                yield return $"package {same.Key.Package} is at {same.Key.Consultant} {same.Count()} times: {string.Join(' ', places)}";
            }

            if (same.Select(e => e.Digest).Distinct().Count() > 1)
            {
                yield return $"package {same.Key.Package} reached {same.Key.Consultant} with different bytes";
            }

            if (!versions.Contains(same.Key.Package!))
            {
                yield return $"package {same.Key.Package} is at {same.Key.Consultant} and the ledger does not know it";
            }
            else if (packages.TryGetValue(same.Key.Package!, out var referral) && referral.PackageDigest != same.First().Digest)
            {
                yield return $"package {same.Key.Package} reached {same.Key.Consultant} with other bytes than the ledger names";
            }
        }

        foreach (var twice in evidence.Effects.Where(e => e.Order is not null).GroupBy(e => (e.Consultant, e.Order)).Where(g => Places(g) > 1))
        {
            yield return $"{twice.Key.Order} has {Places(twice)} packages at {twice.Key.Consultant}";
        }
    }

    private static int Places(IEnumerable<EffectFact> effects) => effects.Select(e => e.Key).Distinct().Count();
}
