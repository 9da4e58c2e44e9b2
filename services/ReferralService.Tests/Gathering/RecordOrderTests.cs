using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

/// <summary>Which of several versions of one resource is kept must not depend on which came first.</summary>
internal sealed class RecordOrderTests
{
    private static readonly Gen<GatheredResource> Versions =
        from updated in Gen.Elements(null, "2026-11-22T09:10:00Z", "2026-11-22T10:10:00+01:00", "2026-11-22T09:10:01Z")
        from version in Gen.Elements(null, "1", "2", "10", "02", "a", "b", "-3", "99999999999999999999")
        from digest in Gen.Choose(0, 4)
        select Version(updated, version, (ulong)digest);

    [Test]
    public void The_order_of_versions_is_total()
        => Prop.ForAll(
            Versions.Three().ToArbitrary(),
            three =>
            {
                var (a, b, c) = three;
                return ResourceAge.Compare(a, a) == 0
                    && Math.Sign(ResourceAge.Compare(a, b)) == -Math.Sign(ResourceAge.Compare(b, a))
                    && (ResourceAge.Compare(a, b) < 0 || ResourceAge.Compare(b, c) < 0 || ResourceAge.Compare(a, c) >= 0);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Test]
    public void Numbers_and_other_versions_of_one_instant_make_no_circle()
    {
        // By number 2 is before 10; by digest alone 10 would be before the one that has no number, and that before 2.
        var (two, word, ten) = (Version(null, "2", 3), Version(null, "w", 2), Version(null, "10", 1));

        Assert.That(new[] { ten, two, word }.Order(Comparer<GatheredResource>.Create(ResourceAge.Compare)), Is.EqualTo(new[] { word, two, ten }));
        Assert.That(ResourceAge.Compare(ten, word), Is.Positive);
    }

    [Test]
    public void The_later_instant_counts_before_any_version()
        => Assert.That(ResourceAge.Compare(Version("2026-11-22T09:10:01Z", "1", 0), Version("2026-11-22T09:10:00Z", "2", 1)), Is.Positive);

    private static GatheredResource Version(string? updated, string? version, ulong digest)
        => new(new ResourceKey("Observation", "1"), version, updated, 0, 2, new BodyDigest(digest, 0, 0, 0), [], []);
}
