using System.Diagnostics;
using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Ops;

/// <summary>Whatever no endpoint expected, answered in one place: by a code and an id, never by an exception's text.</summary>
internal sealed partial class FailureAnswers(RequestDelegate next, TimeProvider clock, ILogger<FailureAnswers> logger)
{
    /// <summary>System of our codes in an OperationOutcome's details.</summary>
    private const string CodeSystem = "urn:referral-service:reason";

    /// <summary>A ledger that is busy or restarting is usually back by then.</summary>
    private const string LedgerRetryAfterSeconds = "5";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await SayWhatRoutingMeantAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is left to answer.
            context.Abort();
        }
        catch (LedgerUnavailableException e)
        {
            Log.LedgerUnavailable(logger, e.Code);
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "transient", ReasonCodes.LedgerUnavailable,
                "The ledger cannot be written or read at the moment; nothing was changed. Send the same request again after Retry-After.");
        }
        catch (BadHttpRequestException e)
        {
            var tooLarge = e.StatusCode == StatusCodes.Status413PayloadTooLarge;
            await AnswerAsync(context, e.StatusCode, tooLarge ? "too-long" : "structure", tooLarge ? ReasonCodes.BodyTooLarge : ReasonCodes.BadRequest,
                tooLarge ? "The body is larger than this service accepts." : "The request cannot be read as HTTP with the body it announces.");
        }
        catch (Exception e)
        {
            var id = Activity.Current?.TraceId.ToHexString() ?? Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
            Log.Unexpected(logger, id, e.GetType().FullName, e.StackTrace);
            await AnswerAsync(context, StatusCodes.Status500InternalServerError, "exception", ReasonCodes.InternalError,
                $"An error of this service; its log names it {id}.", id);
        }
    }

    /// <summary>Routing answers an unknown path or method with a bare status; a caller deserves the same shape as for any other error.</summary>
    private static Task SayWhatRoutingMeantAsync(HttpContext context) => context.Response switch
    {
        { HasStarted: true } or { ContentLength: not null } or { ContentType: not null } => Task.CompletedTask,
        { StatusCode: StatusCodes.Status404NotFound } => AnswerAsync(context, 404, "not-found", ReasonCodes.NotFound, "There is nothing at this path."),
        { StatusCode: StatusCodes.Status405MethodNotAllowed } => AnswerAsync(
            context, 405, "not-supported", ReasonCodes.MethodNotAllowed, "This path does not know the method; the Allow header names those it does."),
        _ => Task.CompletedTask,
    };

    private static async Task AnswerAsync(HttpContext context, int status, string issueType, string code, string detail, string? id = null)
    {
        if (context.Response.HasStarted)
        {
            // Part of an answer is out; only a broken connection tells the caller that the rest will not come.
            context.Abort();
            return;
        }

        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.Headers.Allow = allow;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = LedgerRetryAfterSeconds;
        }

        if (!context.Request.Path.StartsWithSegments("/fhir", StringComparison.OrdinalIgnoreCase))
        {
            await ApiProblem.WriteAsync(context, status, code, detail, id);
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/fhir+json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter.AsStream(leaveOpen: true));
        WriteOutcome(json, issueType, code, detail);
    }

    private static void WriteOutcome(Utf8JsonWriter json, string issueType, string code, string diagnostics)
    {
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "OperationOutcome");
        json.WriteStartArray("issue"u8);
        json.WriteStartObject();
        json.WriteString("severity"u8, "error");
        json.WriteString("code"u8, issueType);
        json.WriteStartObject("details"u8);
        json.WriteStartArray("coding"u8);
        json.WriteStartObject();
        json.WriteString("system"u8, CodeSystem);
        json.WriteString("code"u8, code);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("diagnostics"u8, diagnostics);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Error, "Request failed unexpectedly, id {Id}: {Kind} {Stack}")]
        public static partial void Unexpected(ILogger logger, string id, string? kind, string? stack);

        [LoggerMessage(9002, LogLevel.Warning, "Request answered 503: {Code}")]
        public static partial void LedgerUnavailable(ILogger logger, string code);
    }
}
