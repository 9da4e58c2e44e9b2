using System.Diagnostics;

namespace ReferralService;

/// <summary>The span of a request of somebody else's: method, template of the route and status.</summary>
internal sealed class RequestSpan(RequestDelegate next)
{
    private const string Unmatched = "unmatched";

    public Task InvokeAsync(HttpContext context) => Spans.Source.HasListeners() ? TracedAsync(context) : next(context);

    private async Task TracedAsync(HttpContext context)
    {
        var (method, route) = (Spans.Method(context.Request.Method), (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? Unmatched);
        using var span = Spans.OfRequest($"{method} {route}", context.Request.Headers.TraceParent);
        try
        {
            await next(context);
        }
        finally
        {
            span?.SetTag("http.request.method", method).SetTag("http.route", route).SetTag("http.response.status_code", context.Response.StatusCode);
            if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError) span?.SetStatus(ActivityStatusCode.Error);
        }
    }
}
