using System.Globalization;
using System.Text;

namespace ReferralService.Ops.Metrics;

/// <summary>Writes families in Prometheus' text format 0.0.4: by name, each family's series by their labels, so that two scrapes of the same values are the same text.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var family in families.OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            if (family.Samples.Count == 0) continue;
            text.Append("# HELP ").Append(family.Name).Append(' ');
            Escape(text, family.Help, quotes: false);
            text.Append("\n# TYPE ").Append(family.Name).Append(' ').Append(TypeOf(family.Type)).Append('\n');
            foreach (var sample in family.Samples.OrderBy(sample => sample.Labels, LabelOrder.Instance))
            {
                if (sample.Buckets is { } buckets) WriteHistogram(text, family, sample, buckets);
                else Line(text, family.Name, family.Labels, sample.Labels, null, Number(sample.Value));
            }
        }

        return text.ToString();
    }

    private static void WriteHistogram(StringBuilder text, MetricFamily family, MetricSample sample, IReadOnlyList<(double UpperBound, long Count)> buckets)
    {
        long below = 0;
        foreach (var (bound, count) in buckets)
        {
            below += count;
            Line(text, $"{family.Name}_bucket", family.Labels, sample.Labels, Number(bound), below.ToString(CultureInfo.InvariantCulture));
        }

        Line(text, $"{family.Name}_sum", family.Labels, sample.Labels, null, Number(sample.Value));
        Line(text, $"{family.Name}_count", family.Labels, sample.Labels, null, below.ToString(CultureInfo.InvariantCulture));
    }

    private static void Line(StringBuilder text, string name, IReadOnlyList<string> labels, IReadOnlyList<string> values, string? upperBound, string value)
    {
        text.Append(name);
        var before = '{';
        for (var i = 0; i < labels.Count; i++)
        {
            text.Append(before).Append(labels[i]).Append("=\"");
            Escape(text, values[i], quotes: true);
            text.Append('"');
            before = ',';
        }

        if (upperBound is not null)
        {
            text.Append(before).Append("le=\"").Append(upperBound).Append('"');
            before = ',';
        }

        text.Append(before == ',' ? "} " : " ").Append(value).Append('\n');
    }

    private static void Escape(StringBuilder text, string raw, bool quotes)
    {
        foreach (var c in raw)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        _ => "histogram",
    };

    private sealed class LabelOrder : IComparer<IReadOnlyList<string>>
    {
        public static readonly LabelOrder Instance = new();

        public int Compare(IReadOnlyList<string>? one, IReadOnlyList<string>? other)
        {
            for (var i = 0; i < one!.Count; i++)
            {
                if (string.CompareOrdinal(one[i], other![i]) is var order and not 0) return order;
            }

            return 0;
        }
    }
}
