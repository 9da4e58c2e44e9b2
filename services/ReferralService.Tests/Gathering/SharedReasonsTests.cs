using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Tests.Gathering;

/// <summary>Why a resource is inside is told to the recipient and decides what stays when something is withheld.</summary>
public sealed class SharedReasonsTests
{
    [Test]
    public void What_plans_searches_and_the_order_say_is_kept_however_many_references_there_are([Values] bool referencesFirst)
    {
        InclusionReason[] own = [.. Enumerable.Range(0, 12).Select(i => new InclusionReason($"plan:p/item-{i:00}", null)), new InclusionReason("search.Observation", null)];
        InclusionReason[] references = [.. Enumerable.Range(0, 20).Select(i => new InclusionReason("DiagnosticReport.result", $"DiagnosticReport/{i:00}"))];

        var reasons = Of(referencesFirst ? [.. references, .. own] : [.. own, .. references]);

        Assert.That(reasons, Is.EqualTo(references.Take(SharedReasons.MostReferences).Concat(own)));
    }

    [Test]
    public void The_references_told_are_the_same_in_whatever_order_they_came()
    {
        InclusionReason[] references = [.. Enumerable.Range(0, 20).Select(i => new InclusionReason(i % 2 == 0 ? "A.x" : "z.y", $"R/{i:00}")), new InclusionReason("search.A", null)];

        Assert.That(Of([.. references.Reverse()]), Is.EqualTo(Of(references)));
    }

    [Test]
    public void The_same_reason_is_told_once()
    {
        InclusionReason[] nine = [.. Enumerable.Range(0, 9).Select(i => new InclusionReason("A.x", $"R/{i}"))];

        Assert.That(Of([.. nine, .. nine]), Is.EqualTo(nine.Take(SharedReasons.MostReferences)));
    }

    [Test]
    public void Whether_a_reference_would_be_told_is_known_before_it_is_put_into_words()
    {
        string[] rules = ["A.x", "A.xy", "z.y"], types = ["Observation", "Obs", "Observation-"], ids = ["1", "10", "2", "a", ""];
        ResourceKey[] sources = [.. from type in types from id in ids select new ResourceKey(type, id)];
        var random = new Random(5);
        for (int round = 0; round < 500; round++)
        {
            InclusionReason[] some = [.. Enumerable.Range(0, random.Next(14)).Select(_ => new InclusionReason(rules[random.Next(3)], random.Next(5) == 0 ? null : $"{sources[random.Next(sources.Length)]}"))];
            var reasons = Of(some);
            var (rule, from) = (rules[random.Next(3)], sources[random.Next(sources.Length)]);

            bool changes = !new SharedReasons().With(reasons, new InclusionReason(rule, from.ToString())).SequenceEqual(reasons);

            Assert.That(changes && !SharedReasons.IsTold(reasons, rule, from), Is.False, $"{rule} {from} beside {string.Join(", ", reasons)}");
        }
    }

    private static IReadOnlyList<InclusionReason> Of(IEnumerable<InclusionReason> reasons)
    {
        var shared = new SharedReasons();
        return reasons.Aggregate((IReadOnlyList<InclusionReason>)[], shared.With);
    }
}
