using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ReferralService.Ops.Metrics;

/// <summary>Keeps the figures of all instruments of ours since the start, for <c>/metrics</c>. A measurement costs a lookup and an addition, and allocates nothing once its series is there.</summary>
internal sealed class MetricBook : IDisposable
{
    /// <summary>Of one name. More would mean that a label holds what it must not; they are left out.</summary>
    public const int MostSeries = 2000;

    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<Instrument, Family> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();

    /// <param name="own">Whose instruments are kept.</param>
    public MetricBook(Func<Meter, bool> own)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!own(instrument.Meter)) return;
            var family = _families.GetOrAdd(instrument, static made => new Family(made));
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((Family)family!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((Family)family!).Take(value, tags));
        _listener.Start();
    }

    /// <summary>All families as they are now.</summary>
    public IReadOnlyList<MetricFamily> Read()
    {
        lock (_scraping)
        {
            foreach (var family in _families.Values) family.Forget();
            _listener.RecordObservableInstruments();
            return [.. _families.Values.Select(family => family.Read())];
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Values of the labels in the order in which the instrument gives them, which is always the same.</summary>
    private readonly record struct Labels(string? First, string? Second, string? Third, string? Fourth);

    private sealed class Family(Instrument instrument)
    {
        private readonly ConcurrentDictionary<Labels, MetricSeries> _series = new();
        private readonly double[] _bounds = instrument is Histogram<double> histogram ? [.. histogram.Advice?.HistogramBucketBoundaries ?? DefaultBounds] : [];
        private volatile string[] _names = [];

        public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = new Labels(Value(tags, 0), Value(tags, 1), Value(tags, 2), Value(tags, 3));
            if (!_series.TryGetValue(labels, out var series))
            {
                if (_series.Count >= MostSeries) return;
                if (_series.IsEmpty) _names = [.. tags.ToArray().Select(tag => tag.Key)];
                series = _series.GetOrAdd(labels, _ => new MetricSeries(_bounds));
            }

            if (_bounds.Length > 0) series.Record(value);
            else if (instrument.IsObservable) series.Set(value);
            else series.Add(value);
        }

        /// <summary>What is observed is told anew each time: what is not told any more is not there.</summary>
        public void Forget()
        {
            if (instrument.IsObservable) _series.Clear();
        }

        public MetricFamily Read()
        {
            var names = _names;
            var help = instrument.Description ?? "";
            var type = _bounds.Length > 0 ? MetricType.Histogram : instrument is Counter<long> or ObservableCounter<double> ? MetricType.Counter : MetricType.Gauge;
            return new MetricFamily(instrument.Name, help, type, names, [.. _series.Select(one => one.Value.Sample([.. Values(one.Key).Take(names.Length)]))]);
        }

        private static string? Value(ReadOnlySpan<KeyValuePair<string, object?>> tags, int index) => index < tags.Length ? tags[index].Value as string ?? "" : null;

        private static IEnumerable<string> Values(Labels labels) => [labels.First ?? "", labels.Second ?? "", labels.Third ?? "", labels.Fourth ?? ""];
    }
}
