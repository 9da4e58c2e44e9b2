namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I4: no patient's marker in logs, queues, addresses other than the partners' FHIR ones, temporary files, plain columns, or the database's file when content is encrypted.</summary>
internal sealed class NoCanary : Invariant
{
    public override string Name => "I4";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Effects.Where(e => e.Canary).Select(e => e.Order).Distinct().Count(), "records with markers")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        // Without this the search would pass over records that carry no markers.
        foreach (var unmarked in evidence.Effects.Where(e => !e.Canary))
        {
            yield return $"{unmarked.Consultant} {unmarked.Key}: arrived without the patient's markers, so looking for them elsewhere shows nothing";
        }

        foreach (var place in evidence.Leaks.GroupBy(l => l.Place))
        {
            yield return $"{place.Key}: {place.Count()} markers";
        }
    }
}
