using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace ReferralService;

/// <summary>Errors under <c>/api</c>: problem+json (RFC 9457) with our code. The type is left at about:blank, so the title is the status' own phrase.</summary>
internal static class ApiProblem
{
    /// <param name="code">One of Contracts.ReasonCodes.</param>
    /// <param name="detail">What is wrong and what to do next: our own static text, never a value from the request or a record.</param>
    /// <param name="id">Names this one failure in the log; null usually.</param>
    public static async Task WriteAsync(HttpContext context, int status, string code, string detail, string? id = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter.AsStream(leaveOpen: true));
        json.WriteStartObject();
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status"u8, status);
        json.WriteString("code"u8, code);
        json.WriteString("detail"u8, detail);
        if (id is not null)
        {
            json.WriteString("id"u8, id);
        }

        json.WriteEndObject();
    }
}
