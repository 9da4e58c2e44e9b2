using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Puts aside, before references are followed, what the searches found and no plan wants. What a kept resource refers to comes back by that reference.</summary>
internal sealed class RelevanceSelection(RecordIndex index, ChosenPlans chosen, DateTimeOffset now)
{
    private byte[] _buffer = [];

    /// <param name="named">What the order itself leads to, and the Patient: no judgement puts them aside.</param>
    public PlannedRecord Apply(IReadOnlySet<ResourceKey> named)
    {
        var judge = new RelevanceJudge(chosen.Plans, now, chosen.Diagnosed);
        var seen = new List<(ResourceKey Key, Sighting Sighting)>();

        // Consents are no part of what a referral needs: they decide about the rest, after this.
        foreach (var key in index.Keys().Where(k => k.Type != "Consent")) seen.Add((key, judge.See(RelevanceReading.Read(Body(key)))));
        foreach (var (key, sighting) in seen)
        {
            switch (judge.Judge(sighting))
            {
                case Judgement.Include include:
                    foreach (var rule in include.Rules) index.Because(key, rule, null);
                    break;
                case Judgement.LeaveOut when named.Contains(key):
                    break;
                case Judgement.LeaveOut left:
                    index.PutAside(key, new GatheringGap(key.ToString(), left.Reason, left.Rule), mayReturn: left.Reason != LeftOut.MustNotSend);
                    break;
                default:
                    throw new InvalidOperationException("A judgement of another kind.");
            }
        }

        return new PlannedRecord(chosen.Plans, Checklist.Of(chosen.Plans, judge));
    }

    private RawResource Body(ResourceKey key) => RawResource.Read(index.ThinBody(index.Find(key)!, ref _buffer));
}
