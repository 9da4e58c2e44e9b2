namespace ReferralService.Intake.Answers;

/// <summary>Once the process was told to stop, what still comes over connections that were open is sent elsewhere. Health goes on answering.</summary>
internal sealed class DrainingAnswers(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!lifetime.ApplicationStopping.IsCancellationRequested || context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase))
            return next(context);
        context.Response.Headers.Connection = "close";
        return RefusalAnswer.WriteAsync(context, Refusal.Draining);
    }
}
