namespace ReferralService.Ops.Metrics;

internal enum MetricType { Counter, Gauge, Histogram }

/// <summary>All series of one name, as they are at one moment.</summary>
/// <param name="Labels">Names of the labels, the same for every sample.</param>
internal sealed record MetricFamily(string Name, string Help, MetricType Type, IReadOnlyList<string> Labels, IReadOnlyList<MetricSample> Samples);

/// <param name="Labels">Values, in the order of the family's names.</param>
/// <param name="Value">Of a histogram the sum.</param>
internal sealed record MetricSample(IReadOnlyList<string> Labels, double Value)
{
    /// <summary>Of a histogram: the upper bound of each bucket and how many lie in it alone; the last has no bound. Null of any other.</summary>
    public IReadOnlyList<(double UpperBound, long Count)>? Buckets { get; init; }
}
