using ReferralService.Intake.Answers;

namespace ReferralService.Ops.Pages;

/// <summary>What every page is sent with, whatever became of the request: nothing is kept, nothing comes from elsewhere, nobody frames it.</summary>
internal sealed class PageHeaders(RequestDelegate next)
{
    /// <summary>No inline script and no inline style: what a record's text could smuggle in does not run.</summary>
    public const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        // When the answer starts: only then it is known what it is, and one that failed is cleared and written anew.
        context.Response.OnStarting(static state => Set((HttpContext)state), context);
        return next(context);
    }

    private static Task Set(HttpContext context)
    {
        if (!PageAddress.IsMeant(context.Request) && context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) != true)
        {
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not "no-referrer": with that a browser sends "Origin: null" with our own forms too, and nobody could tell them from a stranger's.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-store";

        // Of the framework's own: for scripts that are not here, and for caches of the last century.
        headers.Remove("blazor-enhanced-nav");
        headers.Remove("Pragma");
        return Task.CompletedTask;
    }
}
