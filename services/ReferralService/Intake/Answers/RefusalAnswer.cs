using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

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
        response.ContentType = fhir ? "application/fhir+json; charset=utf-8" : "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (refusal.Header is { } header) response.Headers[header.Name] = header.Value;
        if (refusal.RetryAfter is { } delay) response.Headers.RetryAfter = Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (fhir) WriteOutcome(json, refusal);
            else WriteProblem(json, refusal);
        }

        response.ContentLength = buffer.WrittenCount;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }

    private static void WriteOutcome(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteString("resourceType", "OperationOutcome");
        json.WriteStartArray("issue");
        json.WriteStartObject();
        json.WriteString("severity", "error");
        json.WriteString("code", refusal.IssueType);
        json.WriteStartObject("details");
        json.WriteStartArray("coding");
        json.WriteStartObject();
        json.WriteString("system", CodeSystem);
        json.WriteString("code", refusal.Code);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("text", refusal.Message);
        json.WriteEndObject();
        if (refusal.Path is { } path)
        {
            json.WriteStartArray("expression");
            json.WriteStringValue(path);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>RFC 9457 with our code; <c>traceId</c> finds the request in the log.</summary>
    private static void WriteProblem(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteString("type", $"urn:referral-service:problem:{refusal.Code}");
        json.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(refusal.Status));
        json.WriteNumber("status", refusal.Status);
        json.WriteString("detail", refusal.Message);
        json.WriteString("code", refusal.Code);
        if (refusal.Path is { } path) json.WriteString("member", path);
        if (Activity.Current?.TraceId is { } trace) json.WriteString("traceId", trace.ToHexString());
        json.WriteEndObject();
    }
}
