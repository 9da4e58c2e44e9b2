using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace ReferralService.Intake.Answers;

/// <summary>A request's body as bytes, read up to a limit whatever Content-Length says.</summary>
internal static class RequestBody
{
    private const string Json = "application/json";
    private const string FhirJson = "application/fhir+json";

    /// <summary>The whole body, or 413.</summary>
    public static async Task<(ReadOnlyMemory<byte> Bytes, Refusal? Refusal)> ReadAsync(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit) return (default, Refusal.BodyTooLarge(limit));
        while (true)
        {
            ReadResult read;
            try
            {
                read = await request.BodyReader.ReadAsync(cancellationToken);
            }
            catch (IOException e) when (e.GetType() == typeof(IOException))
            {
                // What Kestrel throws for a chunk whose length is beyond its numbers, where every other broken framing is a BadHttpRequestException.
                return (default, Refusal.BrokenFraming);
            }

            if (read.Buffer.Length > limit)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return (default, Refusal.BodyTooLarge(limit));
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return (bytes, null);
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>415 where the body is said to be compressed, or anything but JSON in UTF-8. There is no XML parser in this product.</summary>
    /// <param name="length">Bytes of the body; without any, its type does not matter.</param>
    /// <param name="fhir">Whether application/fhir+json is welcome too.</param>
    public static Refusal? CheckType(HttpRequest request, long length, bool fhir)
    {
        if (length == 0) return null;
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return Refusal.UnsupportedMediaType("Compressed bodies are not taken; send it without Content-Encoding.");

        bool good = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || (fhir && type.MediaType.Equals(FhirJson, StringComparison.OrdinalIgnoreCase)))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        if (good) return null;
        return Refusal.UnsupportedMediaType(fhir
            ? "The body must be JSON in UTF-8: Content-Type application/fhir+json or application/json."
            : "The body must be JSON in UTF-8: Content-Type application/json.");
    }
}
