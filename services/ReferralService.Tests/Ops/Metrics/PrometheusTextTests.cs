using FsCheck;
using FsCheck.Fluent;
using ReferralService.Ops.Metrics;

namespace ReferralService.Tests.Ops.Metrics;

internal sealed class PrometheusTextTests
{
    [Test]
    public void Whatever_stands_in_a_label_or_in_the_help_comes_back_as_it_was()
        => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), ArbMap.Default.ArbFor<NonNull<string>>(), ArbMap.Default.ArbFor<double>(), (label, help, value) =>
        {
            // A carriage return is a character like any other there; a text that is no Unicode cannot be written in UTF-8 at all.
            var family = new MetricFamily("some_total", help.Get, MetricType.Counter, ["reason"], [new MetricSample([label.Get], value)]);
            var read = Exposition.Read(PrometheusText.Write([family]));
            return read.Samples is [var sample] && sample.Labels["reason"] == label.Get && sample.Value.Equals(value) && read.Help["some_total"] == help.Get;
        }).QuickCheckThrowOnFailure();

    [TestCase("a\\b")]
    [TestCase("\\n")]
    [TestCase("line\nbreak \"quoted\" \\")]
    [TestCase("")]
    public void Backslashes_quotes_and_line_ends_are_escaped(string label)
    {
        var family = new MetricFamily("some", "", MetricType.Gauge, ["a", "b"], [new MetricSample([label, "x"], 1)]);

        var read = Exposition.Read(PrometheusText.Write([family]));

        Assert.That(read.Samples.Single().Labels, Is.EqualTo(new Dictionary<string, string> { ["a"] = label, ["b"] = "x" }));
    }

    [Test]
    public void A_histogram_has_buckets_that_count_up_to_the_last_without_a_bound()
    {
        var series = new MetricSeries([0.1, 1]);
        foreach (var seconds in new[] { 0.05, 0.1, 0.5, 7 }) series.Record(seconds);
        var family = new MetricFamily("took_seconds", "h", MetricType.Histogram, ["step"], [series.Sample(["deliver"])]);

        Assert.That(PrometheusText.Write([family]), Is.EqualTo("""
            # HELP took_seconds h
            # TYPE took_seconds histogram
            took_seconds_bucket{step="deliver",le="0.1"} 2
            took_seconds_bucket{step="deliver",le="1"} 3
            took_seconds_bucket{step="deliver",le="+Inf"} 4
            took_seconds_sum{step="deliver"} 7.65
            took_seconds_count{step="deliver"} 4

            """));
    }

    [Test]
    public void The_same_figures_are_the_same_text_in_whatever_order_they_came()
    {
        MetricFamily A(params string[] reasons) => new("a", "", MetricType.Gauge, ["reason"], [.. reasons.Select(reason => new MetricSample([reason], 1))]);
        var b = new MetricFamily("b", "", MetricType.Gauge, [], [new MetricSample([], double.PositiveInfinity)]);

        Assert.That(PrometheusText.Write([b, A("y", "x")]), Is.EqualTo(PrometheusText.Write([A("x", "y"), b])));
        Assert.That(PrometheusText.Write([b]), Does.EndWith("\nb +Inf\n"));
    }
}
