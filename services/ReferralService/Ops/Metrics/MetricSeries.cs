namespace ReferralService.Ops.Metrics;

/// <summary>One series' running figures. Written by any thread, without a lock: what a scrape reads may be one measurement apart from itself.</summary>
/// <param name="bounds">Upper bounds of a histogram's buckets, ascending; empty of a counter or a gauge.</param>
internal sealed class MetricSeries(double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length == 0 ? 0 : bounds.Length + 1];
    private double _value;

    public void Add(double amount)
    {
        for (var known = Volatile.Read(ref _value); ;)
        {
            var met = Interlocked.CompareExchange(ref _value, known + amount, known);
            if (met.Equals(known)) return;
            known = met;
        }
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Record(double value)
    {
        var bucket = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _counts[bucket < 0 ? ~bucket : bucket]);
        Add(value);
    }

    public MetricSample Sample(IReadOnlyList<string> labels) => new(labels, Volatile.Read(ref _value))
    {
        Buckets = bounds.Length == 0 ? null : [.. _counts.Select((count, i) => (i < bounds.Length ? bounds[i] : double.PositiveInfinity, count))],
    };
}
