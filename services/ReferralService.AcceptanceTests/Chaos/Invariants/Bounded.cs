namespace ReferralService.AcceptanceTests.Chaos.Invariants;

/// <summary>I7: memory, write-ahead log and descriptors stay bounded, memory under even load stays flat, and no request that fails is repeated faster than once a second.</summary>
internal sealed class Bounded : Invariant
{
    public const long ResidentBytes = 400L << 20;
    public const long WalBytes = 256L << 20;
    public const int Descriptors = 2_000;
    public const double Growth = 1.15;

    /// <summary>A pipeline's own three quick repeats, twice, and then one a second.</summary>
    private const int RepeatsInTenSeconds = 10 + 8;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public override string Name => "I7";

    public override IEnumerable<Observation> Observed(Evidence evidence)
    =>
    [
        new Observation(evidence.Resources.Count, "looks at processes"), new Observation(evidence.Resources.Count(r => r.Steady), "of them under even load"),
        new Observation(evidence.Failures.Count, "failing requests"),
    ];

    public override IEnumerable<string> Breaches(Evidence evidence)
    {
        foreach (var life in evidence.Resources.GroupBy(r => r.Life))
        {
            var (memory, wal, files) = (life.Max(r => r.ResidentBytes), life.Max(r => r.WalBytes), life.Max(r => r.Descriptors));
            if (memory > ResidentBytes || wal > WalBytes || files > Descriptors)
            {
                yield return $"{life.Key}: {memory >> 20} MiB resident, {wal >> 20} MiB of write-ahead log, {files} descriptors";
            }

            var steady = life.Where(r => r.Steady).OrderBy(r => r.At).Select(r => r.ResidentBytes).ToList();
            if (steady.Count >= 30 && Median(steady[^(steady.Count / 3)..]) > Growth * Median(steady[(steady.Count / 3)..^(steady.Count / 3)]))
            {
                yield return $"{life.Key}: memory grew under even load from {Median(steady[(steady.Count / 3)..^(steady.Count / 3)]) >> 20} to {Median(steady[^(steady.Count / 3)..]) >> 20} MiB";
            }
        }

        foreach (var same in evidence.Failures.GroupBy(f => (f.Partner, f.Line)))
        {
            var times = same.Select(f => f.At).Order().ToList();
            for (var i = RepeatsInTenSeconds; i < times.Count; i++)
            {
                if (times[i] - times[i - RepeatsInTenSeconds] < Window)
                {
                    yield return $"{same.Key.Partner}: more than {RepeatsInTenSeconds} times in {Window.TotalSeconds} s the same failing request ({same.Key.Line.Split(' ')[0]})";
                    break;
                }
            }
        }
    }

    private static long Median(IReadOnlyList<long> values) => values.Order().ElementAt(values.Count / 2);
}
