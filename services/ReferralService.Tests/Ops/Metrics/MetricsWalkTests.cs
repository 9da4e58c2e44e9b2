using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ops.Metrics;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Flow;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Metrics;

/// <summary>What <c>/metrics</c> says after a walk. Other walks of this process count in the same meter, so what is there is looked at, not how much.</summary>
internal sealed class MetricsWalkTests : WalkScene
{
    [Test]
    public async Task After_a_walk_each_step_and_each_partner_can_be_seen()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), null);
        await service.UntilAsync(id, "delivered");

        using var answer = await service.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        var read = Exposition.Read(await answer.Content.ReadAsStringAsync());

        Assert.Multiple(() =>
        {
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            foreach (var state in new[] { "received", "gathering", "packaged", "delivering", "delivered" })
            {
                Assert.That(read.Value("referrals_total", ("state", state), ("reason", "none")), Is.GreaterThanOrEqualTo(1), state);
            }

            Assert.That(read.Value("delivery_attempts_total", ("recipient", "east"), ("outcome", "delivered")), Is.GreaterThanOrEqualTo(1));
            Assert.That(read.Value("gathering_requests_total", ("ehr", "main"), ("outcome", "ok")), Is.GreaterThanOrEqualTo(5));
            Assert.That(read.Value("referral_oldest_open_seconds", ("partner", "east")), Is.Zero);
            Assert.That(read.Value("referrals_open", ("state", "held")), Is.Zero);
            Assert.That(read.Value("outbox_age_seconds"), Is.Zero);
            Assert.That(read.Value("step_duration_seconds_count", ("step", "package"), ("outcome", "packaged")), Is.GreaterThanOrEqualTo(1));
            Assert.That(read.Value("step_duration_seconds_count", ("step", "deliver"), ("outcome", "delivered")), Is.GreaterThanOrEqualTo(1));
            Assert.That(read.Value("http_client_duration_seconds_count", ("partner", "main"), ("kind", "ehr"), ("method", "GET"), ("outcome", "2xx")), Is.GreaterThanOrEqualTo(5));
            Assert.That(read.Value("http_client_duration_seconds_count", ("partner", "east"), ("kind", "recipient"), ("method", "PUT"), ("outcome", "2xx")), Is.GreaterThanOrEqualTo(1));
            Assert.That(read.Value("ledger_transaction_duration_seconds_count", ("kind", "write"), ("outcome", "done")), Is.GreaterThanOrEqualTo(5));
            Assert.That(read.Value("vault_bytes_total", ("direction", "in")), Is.GreaterThanOrEqualTo(1000));
            Assert.That(read.Value("vault_bytes_total", ("direction", "out")), Is.GreaterThanOrEqualTo(1000));
            Assert.That(read.Value("partner_paused", ("partner", "east"), ("kind", "recipient")), Is.Zero);
            Assert.That(read.Value("partner_breaker_open", ("partner", "main"), ("kind", "ehr")), Is.Zero);
            Assert.That(read.Value("disk_free_bytes", ("volume", "ledger")), Is.GreaterThan(0));
            Assert.That(read.Value("process_cpu_seconds_total"), Is.GreaterThan(0));
            Assert.That(read.Value("process_resident_memory_bytes"), Is.GreaterThan(10_000_000));
            Assert.That(read.Value("process_open_fds"), Is.GreaterThan(0));
            Assert.That(read.Value("ready"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task What_waits_is_told_with_its_age_and_by_its_partner()
    {
        await using var service = await RunningService.StartAsync(Settings());
        using var paused = await service.Http.PostAsync(new Uri("/api/partners/east/pause?kind=recipient", UriKind.Relative), null);
        await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), "east");
        using var held = await service.Http.PostAsync(new Uri("/api/partners/west/pause", UriKind.Relative), null);

        var read = Exposition.Read(await service.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)));

        Assert.Multiple(() =>
        {
            Assert.That(read.Value("partner_paused", ("partner", "east"), ("kind", "recipient")), Is.EqualTo(1));
            // The EHR's until the step meets the pause, the recipient's from then on; never both.
            Assert.That(new[] { "main", "east" }.Select(partner => read.Value("referral_oldest_open_seconds", ("partner", partner))).Count(age => age > 0), Is.EqualTo(1));
            Assert.That(read.Samples.Where(s => s.Name == "referrals_open").Sum(s => s.Value), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_scrape_costs_little()
    {
        await using var service = await RunningService.StartAsync(Settings());
        await service.UntilAsync(await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast)), "delivered");
        var book = service.Services.GetRequiredService<MetricBook>();
        var text = PrometheusText.Write(book.Read());
        var (bytes, began) = (GC.GetAllocatedBytesForCurrentThread(), TimeProvider.System.GetTimestamp());

        const int Scrapes = 20;
        for (var i = 0; i < Scrapes; i++) PrometheusText.Write(book.Read());

        var each = (GC.GetAllocatedBytesForCurrentThread() - bytes) / Scrapes;
        await TestContext.Out.WriteLineAsync(
            $"{text.Length} characters, {text.Count(c => c == '\n')} lines: {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds / Scrapes:F2} ms and {each / 1024} KiB of garbage a scrape.");
        Assert.That(each, Is.LessThan(1024 * 1024));
    }

    [Test]
    public async Task Who_has_no_key_sees_no_figures()
    {
        await using var service = await RunningService.StartAsync(Settings(("Api:Keys:ops:Secret", "0123456789abcdef"), ("Api:Keys:ops:Role", "viewer")));

        using var stranger = await service.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Authorization = new("Bearer", "0123456789abcdef") } };
        using var viewer = await service.Http.SendAsync(asked);

        Assert.That((stranger.StatusCode, viewer.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.OK)));
    }
}
