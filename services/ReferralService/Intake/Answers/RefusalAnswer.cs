using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ReferralService.Fhir.Errors;

namespace ReferralService.Intake.Answers;

/// <summary>Writes a <see cref="Refusal"/> as the address asks for it.</summary>
internal static class RefusalAnswer
{
    /// <summary>CodeSystem of our reason codes in OperationOutcome.issue.details.</summary>
    public const string CodeSystem = "urn:referral-service:reason";

    public static Task WriteAsync(HttpContext context, Refusal refusal)
    {
        bool fhir = context.Request.Path.StartsWithSegments("/fhir", StringComparison.OrdinalIgnoreCase);
        var response = context.Response;
        response.StatusCode = refusal.Status;
        response.ContentType = fhir ? "application/fhir+json" : "application/problem+json";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (refusal.Header is { } header) response.Headers[header.Name] = header.Value;
        if (refusal.RetryAfter is { } delay) response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (PageAddress.IsMeant(context.Request) && context.RequestServices?.GetService<PageRefusal>() is { } page) return page(context, refusal);

        var buffer = new ArrayBufferWriter<byte>(512);
        if (fhir) OperationOutcomeWriter.Write(buffer, new ReportedIssue("error", refusal.IssueType, Diagnostics(context, refusal), refusal.Path, CodeSystem, refusal.Code));
        else WriteProblem(buffer, refusal, TraceId(context));
        response.ContentLength = buffer.WrittenCount;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }

    /// <summary>What finds the request in the log.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>An OperationOutcome has no element for a trace id; where the caller is asked to pass one on, it stands in the text.</summary>
    private static string Diagnostics(HttpContext context, Refusal refusal)
        => refusal.Status == StatusCodes.Status500InternalServerError ? $"{refusal.Message} Trace id: {TraceId(context)}" : refusal.Message;

    /// <summary>RFC 9457 with our code; <c>traceId</c> finds the request in the log.</summary>
    private static void WriteProblem(IBufferWriter<byte> output, Refusal refusal, string traceId)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("type", $"urn:referral-service:problem:{refusal.Code}");
        json.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(refusal.Status));
        json.WriteNumber("status", refusal.Status);
        json.WriteString("detail", refusal.Message);
        json.WriteString("code", refusal.Code);
        if (refusal.Path is { } path) json.WriteString("member", path);
        if (refusal.Missing.Count > 0)
        {
            json.WriteStartArray("missing");
            foreach (var item in refusal.Missing) json.WriteStringValue(item);
            json.WriteEndArray();
        }

        json.WriteString("traceId", traceId);
        json.WriteEndObject();
    }
}
