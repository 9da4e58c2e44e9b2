namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I3: a referral's events are 1 to n without gaps, the last agrees with its row, a run has one terminal event; what was heard is the same, in the same order.</summary>
internal sealed class StatusInOrder : Invariant
{
    private static readonly string[] Terminal = ["delivered", "failed", "cancelled"];

    public override string Name => "I3";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Timeline.Count(t => t.Sequence is not null), "events written"), .. evidence.Heard is null ? Array.Empty<Observation>() : [new Observation(evidence.Heard.Count, "events heard")]];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        var events = evidence.Timeline.Where(t => t.Sequence is not null).OrderBy(t => t.Revision).ThenBy(t => t.Position).ToLookup(t => t.Referral);
        var heard = evidence.Heard?.ToLookup(h => h.Referral);
        foreach (var referral in evidence.Referrals)
        {
            var mine = events[referral.Number].ToList();
            if (!mine.Select(t => t.Sequence!.Value).SequenceEqual(Enumerable.Range(1, referral.Sequence)))
            {
                yield return $"{referral.Id}: the timeline has {string.Join(' ', mine.Select(t => t.Sequence))}, the row {referral.Sequence}";
                continue;
            }

            if (mine.Count > 0 && mine[^1].State != referral.State)
            {
                yield return $"{referral.Id}: the last event says {mine[^1].State}, the row {referral.State}";
            }

            var terminals = 0;
            foreach (var entry in mine)
            {
                terminals = entry.Event == "retried" ? 0 : terminals + (Terminal.Contains(entry.Event) ? 1 : 0);
                if (terminals == 2)
                {
                    yield return $"{referral.Id}: two terminal events in one run";
                }
            }

            if (heard is not null && !heard[referral.Id].DistinctBy(h => h.Id).Select(h => h.Id).SequenceEqual(mine.Select(t => t.EventId)))
            {
                yield return $"{referral.Id}: heard {string.Join(' ', heard[referral.Id].DistinctBy(h => h.Id).Select(h => h.Sequence))} of {referral.Sequence}";
            }
        }

        foreach (var same in (evidence.Heard ?? []).GroupBy(h => h.Id).Where(g => g.Select(h => h.Text).Distinct().Count() > 1))
        {
            yield return $"event {same.Key} was heard with different contents";
        }
    }
}
