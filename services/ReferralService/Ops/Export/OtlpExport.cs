using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ReferralService.Ledger;
using ReferralService.Ops.Health;
using ReferralService.Ops.Metrics;

namespace ReferralService.Ops.Export;

/// <summary>Sends our spans and figures to a collector by OTLP. There only where <c>Telemetry:Otlp:Endpoint</c> is set.</summary>
/// <remarks>
/// Only our own source and meter are listened to: those of the framework (System.Net.Http, Microsoft.AspNetCore, MassTransit, Npgsql) put addresses, queries
/// and texts of others into their tags. A collector that is away costs what could not be sent, and nothing else waits for it.
/// </remarks>
internal sealed class OtlpExport(OtlpOptions options, LedgerDatabase ledger, Readiness readiness, WaitingFigures waiting, IHostApplicationLifetime lifetime, TimeProvider clock) : BackgroundService
{
    /// <summary>For what was not sent yet when the process ends.</summary>
    private const int LastWordMilliseconds = 2000;

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public static void AddTo(IServiceCollection services, SettingsReader settings)
    {
        var options = OtlpOptions.Read(settings);
        if (options.Endpoint is null) return;
        services.AddSingleton(options).AddSingleton<OtlpExport>().AddHostedService(provider => provider.GetRequiredService<OtlpExport>());
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService("referral-service", serviceVersion: ProcessFigures.Version, autoGenerateServiceInstanceId: false, serviceInstanceId: ledger.Replica);
        // By the trace's id, whatever a caller says of it: all of a trace in all replicas, or nothing, and nobody outside decides.
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Measures.Name).SetSampler(new TraceIdRatioBasedSampler(options.Percent / 100.0))
            .AddOtlpExporter(otlp => Set(otlp, "v1/traces")).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Measures.Name)
            .AddOtlpExporter((otlp, reader) =>
            {
                Set(otlp, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Interval.TotalMilliseconds;
            }).Build();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(Task.Run(() => _traces?.Shutdown(LastWordMilliseconds), CancellationToken.None), Task.Run(() => _metrics?.Shutdown(LastWordMilliseconds), CancellationToken.None));
    }

    public override void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        base.Dispose();
    }

    /// <summary>Keeps what the ledger says fresh: the exporter asks for figures where nobody can wait for a database.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.ListeningAsync(stoppingToken)) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            await readiness.LedgerAsync(stoppingToken);
            await waiting.ReadAsync(stoppingToken);
            await Task.Delay(options.Interval / 2, clock, stoppingToken);
        }
    }

    private void Set(OtlpExporterOptions otlp, string path)
    {
        var isHttp = options.Protocol == OtlpProtocol.Http;
        otlp.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        otlp.Endpoint = isHttp ? new Uri($"{options.Endpoint!.AbsoluteUri.TrimEnd('/')}/{path}") : options.Endpoint!;
        otlp.Headers = options.Headers;
    }
}
