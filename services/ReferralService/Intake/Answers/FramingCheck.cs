using Microsoft.Extensions.Primitives;

namespace ReferralService.Intake.Answers;

/// <summary>Refuses a request that tells its length twice, in Content-Length and in chunks: whoever stands before us may believe the other one (RFC 9112, 6.1).</summary>
internal sealed class FramingCheck(RequestDelegate next)
{
    /// <summary>Under this name Kestrel puts a Content-Length aside that came with chunks.</summary>
    private const string SetAside = "X-Content-Length";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (StringValues.IsNullOrEmpty(headers.TransferEncoding) || (headers.ContentLength is null && !headers.ContainsKey(SetAside))) return next(context);
        context.Response.Headers.Connection = "close";
        return RefusalAnswer.WriteAsync(context, Refusal.BrokenFraming);
    }
}
