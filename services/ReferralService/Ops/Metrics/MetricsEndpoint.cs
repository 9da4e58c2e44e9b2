using System.Text;
using ReferralService.Ops.Health;

namespace ReferralService.Ops.Metrics;

/// <summary><c>GET /metrics</c>: all figures in Prometheus' text format.</summary>
internal static class MetricsEndpoint
{
    public static IServiceCollection AddMetricBook(this IServiceCollection services)
    {
        services.AddSingleton<Volumes>();
        services.AddSingleton<WaitingFigures>();
        services.AddSingleton<StandingFigures>();
        services.AddSingleton(provider =>
        {
            var standing = provider.GetRequiredService<StandingFigures>().Meter;
            return new MetricBook(meter => ReferenceEquals(meter, Measures.Meter) || ReferenceEquals(meter, standing));
        });
        return services;
    }

    public static void MapMetrics(this WebApplication app)
    {
        // Made now: what is measured before the first scrape counts, too.
        var book = app.Services.GetRequiredService<MetricBook>();
        app.MapMethods("/metrics", [HttpMethods.Get, HttpMethods.Head], context => AnswerAsync(context, book));
    }

    private static async Task AnswerAsync(HttpContext context, MetricBook book)
    {
        await context.RequestServices.GetRequiredService<Readiness>().LedgerAsync(context.RequestAborted);
        await context.RequestServices.GetRequiredService<WaitingFigures>().ReadAsync(context.RequestAborted);
        var text = PrometheusText.Write(book.Read());
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.WriteAsync(text, context.RequestAborted);
    }
}
