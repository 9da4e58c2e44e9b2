namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I6: while one partner is in trouble, the others' p95 stays within 1.5 times what it was, and every referral comes.</summary>
internal sealed class OthersUnharmed : Invariant
{
    private const double Factor = 1.5;

    /// <summary>Below this a difference is the machine's, not a partner's.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(400);

    public override string Name => "I6";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Latencies.Any(l => l.Beside is null) ? evidence.Latencies.Count(l => l.Beside is not null) : 0, "referrals beside another's trouble")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        foreach (var recipient in evidence.Latencies.GroupBy(l => l.Recipient))
        {
            var before = P95(recipient.Where(l => l.Beside is null));
            foreach (var same in recipient.GroupBy(l => l.Beside ?? ""))
            {
                var meanwhile = same.Key.Length == 0 ? "while nobody was in trouble" : $"while {same.Key} was in trouble";
                // One of many is no part of a p95, and a referral that never comes is no matter of degree.
                if (same.Count(l => l.Took is null) is > 0 and var missing)
                {
                    yield return $"{recipient.Key}: {missing} of {same.Count()} did not come {meanwhile}";
                }

                if (same.Key.Length > 0 && before is { } was && P95(same) is { } took && took > was * Factor + Noise)
                {
                    yield return $"{recipient.Key}: p95 {took.TotalMilliseconds:F0} ms {meanwhile}, {was.TotalMilliseconds:F0} ms before";
                }
            }
        }
    }

    /// <summary>Of those that came.</summary>
    private static TimeSpan? P95(IEnumerable<LatencySample> samples)
    {
        var sorted = samples.Select(s => s.Took).OfType<TimeSpan>().Order().ToList();
        return sorted.Count == 0 ? null : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * 0.95))];
    }
}
