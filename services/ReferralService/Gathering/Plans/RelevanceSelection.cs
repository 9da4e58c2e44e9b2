using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Puts aside, before references are followed, what the searches found and no plan wants. What a kept resource refers to comes back by that reference, and the images of a kept report by what they have in common.</summary>
internal sealed class RelevanceSelection(RecordIndex index, ChosenPlans chosen, OwnOrigin own, DateTimeOffset now)
{
    private byte[] _buffer = [];

    /// <summary>One look at all there is.</summary>
    private sealed record Look(RelevanceJudge Judge, List<Sighting> Seen, Dictionary<ResourceKey, IReadOnlyList<StudyRelation>> Images);

    /// <param name="named">What the order itself leads to, and the Patient: no judgement puts them aside.</param>
    public PlannedRecord Apply(IReadOnlySet<ResourceKey> named)
    {
        using var studies = StudyRelations.Of(index, own);
        var documents = ReplacedDocuments.Of(index, own);
        var going = documents.Newer.ToHashSet();
        var replacements = documents.By(going);
        while (true)
        {
            var replaced = replacements.Select(r => r.Old).ToHashSet();
            var look = See(studies, replaced);
            var staying = going.Count == 0 ? [] : look.Seen.Where(s => going.Contains(s.Facts.Key) && !named.Contains(s.Facts.Key))
                .Select(s => (s.Facts.Key, (look.Judge.Judge(s) as Judgement.LeaveOut)?.Reason))
                .Where(s => s.Reason is not null).ToList();

            // A document that stays away, and not for a newer one, replaces nothing. Fewer each time, so it ends; mostly it ends here.
            going.ExceptWith(staying.Where(s => !replaced.Contains(s.Key) || s.Reason != GapReason.NotCurrent).Select(s => s.Key));
            if (documents.By(going) is var less && less.Count == replacements.Count) return Take(look, named, documents.By(going.Except(staying.Select(s => s.Key))));
            replacements = less;
        }
    }

    private Look See(StudyRelations studies, HashSet<ResourceKey> replaced)
    {
        var all = index.InOrder();
        var look = new Look(new RelevanceJudge(chosen.Plans, now, chosen.Diagnosed, Results), new List<Sighting>(all.Count), []);

        // Consents are no part of what a referral needs: they decide about the rest, after this.
        foreach (var held in all)
        {
            var key = held.Key;
            if (key.Type == "Consent") continue;
            var facts = index.FactsOf(held);
            if (replaced.Contains(key)) facts = facts with { Status = ReplacedDocuments.Status };
            if (studies.To(held, facts) is { Count: > 0 } related)
            {
                look.Images.Add(key, related);
                facts = facts with { HasImages = true };
            }

            look.Seen.Add(look.Judge.See(facts));
        }

        return look;
    }

    private IReadOnlyList<ResultValue> Results(ResourceKey key)
    {
        using var tokens = new JsonTokens();
        return ResultReading.Of(index.ThinResource(index.Find(key)!, ref _buffer, tokens));
    }

    private PlannedRecord Take(Look look, IReadOnlySet<ResourceKey> named, IReadOnlyList<Replacement> replacements)
    {
        var (judge, seen, images) = look;
        var replaced = replacements.Select(r => r.Old).ToHashSet();
        var included = new List<PlannedRecord.Chosen>();
        var withImages = chosen.Plans.SelectMany(p => p.Plan.Items).Where(i => i.Imaging).Select(i => i.Rule).ToHashSet(StringComparer.Ordinal);
        var wanted = new List<ResourceKey>();
        foreach (var sighting in seen)
        {
            var key = sighting.Facts.Key;
            switch (judge.Judge(sighting))
            {
                case Judgement.Include include:
                    index.Because(key, include.Rules);
                    included.Add(new PlannedRecord.Chosen(key, replaced.Contains(key), images.TryGetValue(key, out var its) ? [.. its.Select(i => i.Study)] : []));
                    if (images.ContainsKey(key) && include.Rules.Any(withImages.Contains)) wanted.Add(key);
                    break;
                case Judgement.LeaveOut when named.Contains(key):
                    break;
                case Judgement.LeaveOut left when replaced.Contains(key) && left.Reason == GapReason.NotCurrent:
                    index.PutAside(key, new GatheringGap(key.ToString(), GapReason.Replaced, ReplacedDocuments.Rule), mayReturn: true);
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

        return new PlannedRecord(chosen.Plans, Checklist.Of(chosen.Plans, judge)) { At = now, Diagnosed = chosen.Diagnosed, Included = included, Replaced = replacements };
    }

    private static bool MayReturn(string reason) => reason is not (LeftOut.MustNotSend or GapReason.EnteredInError or GapReason.Cancelled);
}
