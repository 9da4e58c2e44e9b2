using System.Diagnostics.Metrics;
using ReferralService.Ops.Metrics;

namespace ReferralService.Tests.Ops.Metrics;

internal sealed class MetricBookTests
{
    [Test]
    public void A_measurement_allocates_nothing_once_its_series_is_there()
    {
        using var book = new MetricBook(meter => ReferenceEquals(meter, Measures.Meter));
        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++) Measure();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        static void Measure()
        {
            Measures.Entered("held", "recipient-unknown");
            Measures.Exchanged("allocation-test", "ehr", "GET", "2xx", TimeSpan.FromMilliseconds(3));
            Measures.Stored("in", 262144);
            Measures.Transacted("write", "done", TimeSpan.FromMilliseconds(1));
        }
    }

    [Test]
    public void Threads_that_count_at_once_lose_nothing()
    {
        using var meter = new Meter("one of a test");
        using var book = new MetricBook(its => ReferenceEquals(its, meter));
        var counter = meter.CreateCounter<long>("counted_total");
        var times = meter.CreateHistogram("took_seconds", "s", "", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });

        Parallel.For(0, 10_000, i =>
        {
            counter.Add(1, new KeyValuePair<string, object?>("kind", i % 2 == 0 ? "even" : "odd"));
            times.Record(i % 3);
        });

        var read = Exposition.Read(PrometheusText.Write(book.Read()));
        Assert.That((read.Value("counted_total", ("kind", "even")), read.Value("counted_total", ("kind", "odd"))), Is.EqualTo((5000d, 5000d)));
        Assert.That((read.Value("took_seconds_count"), read.Value("took_seconds_sum"), read.Value("took_seconds_bucket", ("le", "1"))), Is.EqualTo((10_000d, 9999d, 6667d)));
    }

    [Test]
    public void What_is_not_observed_any_more_is_gone_from_the_next_scrape()
    {
        using var meter = new Meter("one of a test");
        using var book = new MetricBook(its => ReferenceEquals(its, meter));
        var paused = true;
        meter.CreateObservableGauge("paused", () => paused ? [new Measurement<double>(1, new KeyValuePair<string, object?>("partner", "main"))] : Array.Empty<Measurement<double>>());

        var first = PrometheusText.Write(book.Read());
        paused = false;

        Assert.That((first.Contains("partner=\"main\"", StringComparison.Ordinal), PrometheusText.Write(book.Read())), Is.EqualTo((true, "")));
    }

    [Test]
    public void A_label_that_never_repeats_does_not_fill_the_memory()
    {
        using var meter = new Meter("one of a test");
        using var book = new MetricBook(its => ReferenceEquals(its, meter));
        var counter = meter.CreateCounter<long>("counted_total");

        for (var i = 0; i < MetricBook.MostSeries + 500; i++) counter.Add(1, new KeyValuePair<string, object?>("id", $"{i}"));

        Assert.That(book.Read().Single().Samples, Has.Count.EqualTo(MetricBook.MostSeries));
    }

    [Test]
    public void A_reason_that_is_in_no_list_of_ours_is_no_label()
        => Assert.That((Measures.Reason(null), Measures.Reason("tls"), Measures.Reason("Jane Doe")), Is.EqualTo(("none", "tls", "other")));
}
