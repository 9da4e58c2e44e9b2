using Microsoft.AspNetCore.Connections;
using ReferralService.Ledger;

namespace ReferralService.Intake.Answers;

/// <summary>Gives every request that ends in an error, or in nothing at all, an answer in the address's own form.</summary>
internal sealed partial class ErrorAnswers(RequestDelegate next, ILogger<ErrorAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var refusal = await RunAsync(context);
        if (refusal is null) return;
        if (context.Response.HasStarted)
        {
            // Part of an answer is out; only a broken connection tells the caller that the rest will not come.
            context.Abort();
            return;
        }

        // What the endpoint had said of its own answer (length, tag, type) is not true of this one.
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.Headers.Allow = allow;
        await RefusalAnswer.WriteAsync(context, refusal);
    }

    private async Task<Refusal?> RunAsync(HttpContext context)
    {
        try
        {
            await next(context);
            return Silent(context.Response) ? context.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound => Refusal.NotFound,
                StatusCodes.Status405MethodNotAllowed => Refusal.MethodNotAllowed,
                _ => null,
            } : null;
        }
        catch (LedgerUnavailableException e)
        {
            Log.LedgerUnavailable(logger, e.Code);
            return Refusal.LedgerUnavailable;
        }
        catch (BadHttpRequestException e)
        {
            // Kestrel's own limits: size, speed, framing.
            return e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => new Refusal(e.StatusCode, Contracts.ReasonCodes.BodyTooLarge, "too-long", "The body is longer than this service takes."),
                StatusCodes.Status408RequestTimeout => new Refusal(e.StatusCode, Contracts.ReasonCodes.Unreadable, "timeout", "The request came too slowly."),
                _ => Refusal.BrokenFraming,
            };
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
        catch (ConnectionResetException)
        {
            // The caller went away in the middle of its body; there is nobody to tell.
            return null;
        }
        catch (Exception e) when (LedgerFault(e) is { } fault)
        {
            // Wrapped by the framework, which asked for the keys that protect cookies and forms.
            Log.LedgerUnavailable(logger, fault.Code);
            return Refusal.LedgerUnavailable;
        }
        catch (Exception e)
        {
            // Type and place alone: a foreign exception's message may quote what was sent.
            Log.Failed(logger, e.GetType().Name, RefusalAnswer.TraceId(context), e.StackTrace);
            return Refusal.InternalError;
        }
    }

    private static LedgerUnavailableException? LedgerFault(Exception? e)
    {
        while (e is not null and not LedgerUnavailableException) e = e.InnerException;
        return (LedgerUnavailableException?)e;
    }

    private static bool Silent(HttpResponse response) => !response.HasStarted && response.ContentType is null && response.ContentLength is null or 0;

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Warning, "A request could not be stored: {Code}. It was answered 503.")]
        public static partial void LedgerUnavailable(ILogger logger, string code);

        [LoggerMessage(1002, LogLevel.Error, "A request failed with {Exception}; trace {TraceId}: {Stack}")]
        public static partial void Failed(ILogger logger, string exception, string traceId, string? stack);
    }
}
