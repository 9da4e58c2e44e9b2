using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Puts aside, before references are followed, what the searches found and no plan wants. What a kept resource refers to comes back by that reference, and the images of a kept report by what they have in common.</summary>
internal sealed class RelevanceSelection(RecordIndex index, ChosenPlans chosen, DateTimeOffset now)
{
    private byte[] _buffer = [];

    /// <param name="named">What the order itself leads to, and the Patient: no judgement puts them aside.</param>
    public PlannedRecord Apply(IReadOnlySet<ResourceKey> named)
    {
        var judge = new RelevanceJudge(chosen.Plans, now, chosen.Diagnosed);
        var seen = new List<(ResourceKey Key, Sighting Sighting)>();
        var included = new List<PlannedRecord.Chosen>();
        var studies = StudyRelations.Of(index);
        var replaced = ReplacedDocuments.Of(index);
        var images = new Dictionary<ResourceKey, IReadOnlyList<StudyRelation>>();

        // Consents are no part of what a referral needs: they decide about the rest, after this.
        foreach (var key in index.Keys().Where(k => k.Type != "Consent"))
        {
            var held = index.Find(key)!;
            var body = RawResource.Read(index.ThinBody(held, ref _buffer));
            var facts = RelevanceReading.Read(body);
            if (replaced.Contains(key)) facts = facts with { Status = ReplacedDocuments.Status };
            if (studies.To(held, body, facts) is { Count: > 0 } related)
            {
                images.Add(key, related);
                facts = facts with { HasImages = true };
            }

            seen.Add((key, judge.See(facts)));
        }

        var withImages = chosen.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Imaging).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        var wanted = new List<ResourceKey>();
        foreach (var (key, sighting) in seen)
        {
            switch (judge.Judge(sighting))
            {
                case Judgement.Include include:
                    foreach (var rule in include.Rules) index.Because(key, rule, null);
                    included.Add(new PlannedRecord.Chosen(key, replaced.Contains(key), [.. images.GetValueOrDefault(key, []).Select(i => i.Study)]));
                    if (images.ContainsKey(key) && include.Rules.Any(withImages.Contains)) wanted.Add(key);
                    break;
                case Judgement.LeaveOut when named.Contains(key):
                    break;
                case Judgement.LeaveOut left when replaced.Contains(key) && left.Reason == GapReason.NotCurrent:
                    index.PutAside(key, new GatheringGap(key.ToString(), GapReason.Replaced, ReplacedDocuments.Rule), mayReturn: false);
                    break;
                case Judgement.LeaveOut left:
                    index.PutAside(key, new GatheringGap(key.ToString(), left.Reason, left.Rule), MayReturn(left.Reason));
                    break;
                default:
                    throw new InvalidOperationException("A judgement of another kind.");
            }
        }

        foreach (var key in wanted)
        {
            foreach (var study in images[key])
            {
                if (index.Find(study.Study) is not null || index.TakeBack(study.Study, out _) is not null) index.Because(study.Study, $"ImagingStudy~{key.Type}.{study.By}", key);
            }
        }

        return new PlannedRecord(chosen.Plans, Checklist.Of(chosen.Plans, judge)) { At = now, Diagnosed = chosen.Diagnosed, Included = included };
    }

    private static bool MayReturn(string reason) => reason is not (LeftOut.MustNotSend or GapReason.EnteredInError or GapReason.Cancelled);
}
