namespace ReferralService.Ops.Health;

internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        // Live touches nothing: a process that answers lives, and restarting it mends no database.
        app.MapGet("/health/live", context => AnswerAsync(context, HealthReport.Of(new HealthCheckResult("process", HealthStatus.Ok, 0))));

        // The ledger's scripts run before the host starts, so a host that has started has them.
        app.MapGet("/health/startup", context => AnswerAsync(context, HealthReport.Of(
            app.Lifetime.ApplicationStarted.IsCancellationRequested
                ? new HealthCheckResult("startup", HealthStatus.Ok, 0)
                : new HealthCheckResult("startup", HealthStatus.Failed, 0, "starting"))));

        app.MapGet("/health/ready", async context =>
            await AnswerAsync(context, await context.RequestServices.GetRequiredService<Readiness>().CheckAsync(context.RequestAborted)));

        // What is degraded is for people to see; whether this replica gets traffic is not decided here.
        app.MapMethods("/health/detail", [HttpMethods.Get, HttpMethods.Head], async context =>
            await AnswerAsync(context, await context.RequestServices.GetRequiredService<DetailedHealth>().CheckAsync(context.RequestAborted), always: true));
    }

    private static Task AnswerAsync(HttpContext context, HealthReport report, bool always = false)
    {
        context.Response.StatusCode = report.Status == HealthStatus.Failed && !always ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(report, OpsJson.Default.HealthReport, cancellationToken: context.RequestAborted);
    }
}
