using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Ops.Export;
using ReferralService.Ops.Metrics;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Flow;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.Export;

/// <summary>What a collector gets: a real one-page collector that keeps the bodies as they came (protobuf; its texts are UTF-8 in between).</summary>
[NonParallelizable]
internal sealed class OtlpTests : WalkScene
{
    private readonly ConcurrentQueue<(string Path, string Token, byte[] Body)> _got = new();

    [Test]
    public async Task One_trace_leads_from_the_hook_through_the_steps_and_the_partners_and_has_no_word_of_the_record()
    {
        await using var collector = await CollectorAsync();
        var trace = "0af7651916cd43dd8448eb211c80319c";
        string shownTrace;
        await using (var service = await RunningService.StartAsync(Settings(
            ("Telemetry:Otlp:Endpoint", collector.Origin.AbsoluteUri), ("Telemetry:Otlp:Protocol", "Http"), ("Telemetry:Otlp:Headers", "x-token=of-this-test"),
            ("Ehrs:main:NotificationSecret", "s3cret-of-this-test"))))
        {
            var order = WriteCase(CasePerformer.UrologyEast);
            using var hook = new HttpRequestMessage(HttpMethod.Post, $"/fhir/notify/main?name={Canary}")
            {
                Content = new ByteArrayContent(Ehr.Bytes(order)!.Value.ToArray()) { Headers = { ContentType = new("application/fhir+json") } },
                Headers = { Authorization = new("Bearer", "s3cret-of-this-test") },
            };
            hook.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-b7ad6b7169203331-00");
            hook.Headers.TryAddWithoutValidation("baggage", $"patient={Canary}");
            using var taken = await service.Http.SendAsync(hook);
            var id = await service.UntilListedAsync(1);
            shownTrace = (await service.UntilAsync(id, "delivered")).GetProperty("traceId").GetString()!;

            // What waits is told as the ledger said last, and this service may live too shortly to have asked it by itself.
            await service.Services.GetRequiredService<WaitingFigures>().ReadAsync(CancellationToken.None);
        }

        var traces = Texts("/v1/traces");
        var spans = _got.Where(one => one.Path == "/v1/traces").SelectMany(one => OtlpSpans.Read(one.Body)).ToList();
        var ours = spans.Where(span => span.Trace == trace).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(shownTrace, Is.EqualTo(trace));
            Assert.That(ours.Select(span => span.Name), Is.SupersetOf(new[]
            {
                "POST /fhir/notify/{ehr}", "notice", "package", "deliver", "GET ServiceRequest/{id}", "GET Observation", "PUT Bundle/{id}",
            }));
            Assert.That(ours.Where(span => span.Name is "notice" or "package" or "deliver").Select(span => span.Parent).Distinct(), Is.EqualTo(new[] { ours.Single(span => span.Name.StartsWith("POST /fhir", StringComparison.Ordinal)).Id }), "the hook's own span");
            Assert.That(_got.Select(one => one.Token).Distinct(), Is.EqualTo(new[] { "of-this-test" }));
            Assert.That(Texts("/v1/metrics"), Does.Contain("referrals_total").And.Contain("step_duration_seconds").And.Contain("referral_oldest_open_seconds").And.Contain("process_cpu_seconds_total"));
            foreach (var secret in new[] { Canary, "patient-s11", "http://127.0.0.1", "s3cret", "baggage", "url.full", "_lastUpdated" })
            {
                Assert.That(traces, Does.Not.Contain(secret).IgnoreCase, secret);
                Assert.That(Texts("/v1/metrics"), Does.Not.Contain(secret).IgnoreCase, secret);
            }
        });
    }

    [Test]
    public async Task With_no_collector_named_nothing_is_made_and_the_referral_has_its_trace_all_the_same()
    {
        await using var service = await RunningService.StartAsync(Settings());
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), null);
        var shown = await service.UntilAsync(id, "delivered");

        Assert.Multiple(() =>
        {
            Assert.That(service.Services.GetService<OtlpExport>(), Is.Null);
            Assert.That(shown.GetProperty("traceId").GetString(), Does.Match("^[0-9a-f]{32}$"));
        });
    }

    [Test]
    public async Task A_collector_that_is_away_keeps_nothing_waiting()
    {
        await using var service = await RunningService.StartAsync(Settings(("Telemetry:Otlp:Endpoint", "http://127.0.0.1:9"), ("Telemetry:Otlp:Protocol", "Grpc")));
        var id = await service.SubmitAsync(WriteCase(CasePerformer.UrologyEast), null);

        Assert.That((await service.UntilAsync(id, "delivered")).GetProperty("attempt").GetInt32(), Is.EqualTo(1));
    }

    [TestCase("Telemetry:Otlp:Endpoint", "collector:4317")]
    [TestCase("Telemetry:Otlp:Endpoint", "http://user:secret@collector:4317")]
    [TestCase("Telemetry:Otlp:Headers", "no pair")]
    [TestCase("Telemetry:Otlp:Percent", "101")]
    [TestCase("Telemetry:Otlp:Protocol", "udp")]
    [TestCase("Telemetry:Otlp:Endpiont", "http://127.0.0.1:4317")]
    public void A_setting_that_cannot_be_used_stops_the_start(string key, string value)
    {
        var fault = Assert.Throws<SettingsException>(() => ReferralHost.Build([$"--{key}={value}", "--urls=http://127.0.0.1:0"], TimeProvider.System));

        Assert.That(fault!.Faults, Has.Some.StartsWith(key).And.None.Contains(value));
    }

    private const string Canary = "zzphi";

    private Task<ScriptedServer> CollectorAsync() => ScriptedServer.StartAsync(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _got.Enqueue((context.Request.Path, context.Request.Headers["x-token"].ToString(), body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    });

    private string Texts(string path) => string.Join('\n', _got.Where(one => one.Path == path).Select(one => Encoding.UTF8.GetString(one.Body)));
}
