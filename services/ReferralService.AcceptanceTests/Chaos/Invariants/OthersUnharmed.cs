namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I6: while one partner is in trouble, the others' p95 stays within 1.5 times what it was.</summary>
internal sealed class OthersUnharmed : Invariant
{
    private const double Factor = 1.5;

    /// <summary>Below this a difference is the machine's, not a partner's.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(400);

    public override string Name => "I6";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    => [new Observation(evidence.Latencies.Any(l => !l.Trouble) ? evidence.Latencies.Count(l => l.Trouble) : 0, "referrals beside another's trouble")];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        foreach (var recipient in evidence.Latencies.GroupBy(l => l.Recipient))
        {
            var (before, during) = (P95(recipient.Where(l => !l.Trouble)), P95(recipient.Where(l => l.Trouble)));
            if (before is { } was && during is { } took && took > was * Factor + Noise)
            {
                yield return $"{recipient.Key}: p95 {took.TotalMilliseconds:F0} ms while another was in trouble, {was.TotalMilliseconds:F0} ms before";
            }
        }
    }

    public static TimeSpan? P95(IEnumerable<LatencySample> samples)
    {
        var sorted = samples.Select(s => s.Took).Order().ToList();
        return sorted.Count == 0 ? null : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * 0.95))];
    }
}
