using System.Security.Cryptography;
using System.Text.Json;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Serving;

/// <summary>One request and its answer, in FHIR's terms.</summary>
internal sealed class FhirExchange(HttpContext http, FhirRoute route, string baseUrl, long maxBodyBytes)
{
    public HttpContext Http { get; } = http;

    public FhirRoute Route { get; } = route;

    /// <summary>Without trailing slash.</summary>
    public string Base { get; } = baseUrl;

    public string Method => Http.Request.Method;

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The JSON body, whole.</summary>
    /// <exception cref="FhirRefusal">413 past the limit, 415 for another media type, 400 when it is no JSON object.</exception>
    public async Task<byte[]> BodyAsync()
    {
        if (Http.Request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true) throw new FhirRefusal(415, "not-supported", "Send application/fhir+json.");
        if (Http.Request.ContentLength > maxBodyBytes) throw new FhirRefusal(413, "too-long", $"Bodies end at {maxBodyBytes} bytes here.");
        var body = new MemoryStream((int)(Http.Request.ContentLength ?? 4096));
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await Http.Request.Body.ReadAsync(buffer, Aborted)) > 0)
        {
            if (body.Length + read > maxBodyBytes) throw new FhirRefusal(413, "too-long", $"Bodies end at {maxBodyBytes} bytes here.");
            body.Write(buffer, 0, read);
        }
        return body.Length == body.Capacity ? body.GetBuffer() : body.ToArray();
    }

    /// <summary>The resource in the body: its bytes, and its type checked against the route's.</summary>
    public async Task<byte[]> ResourceAsync()
    {
        var body = await BodyAsync();
        var members = Members(body);
        if (StoredResource.Text(body, members, "resourceType") != Route.Type) throw new FhirRefusal(400, "invalid", "The body's resourceType is not the URL's type.");
        return body;
    }

    public static List<JsonMember> Members(byte[] body)
    {
        try
        {
            return JsonSplice.Members(body);
        }
        catch (JsonException)
        {
            throw new FhirRefusal(400, "structure", "The body is no JSON object.");
        }
    }

    public Task AnswerAsync(int status, StoredResource resource)
    {
        var response = Http.Response;
        response.Headers.ETag = resource.ETag;
        response.Headers.LastModified = resource.LastUpdated.ToString("R");
        if (status == 201 || Method == "PUT") response.Headers.Location = $"{Base}/{resource.Key}/_history/{resource.Version}";
        if (Method != "GET" && PrefersMinimal) return Empty(status);
        return AnswerAsync(status, resource.Utf8);
    }

    public async Task AnswerAsync(int status, ReadOnlyMemory<byte> body, string contentType = "application/fhir+json; charset=utf-8")
    {
        Http.Response.StatusCode = status;
        Http.Response.ContentType = contentType;
        Http.Response.ContentLength = body.Length;
        await Http.Response.Body.WriteAsync(body, Aborted);
    }

    public Task RefuseAsync(int status, string issue, string diagnostics)
        => AnswerAsync(status, Outcome(issue, diagnostics));

    public static byte[] Outcome(string issue, string diagnostics) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceType = "OperationOutcome",
        issue = new[] { new { severity = "error", code = issue, diagnostics } },
    });

    public static string Digest(ReadOnlySpan<byte> bytes) => $"sha-256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private bool PrefersMinimal => Http.Request.Headers["Prefer"].Any(p => p?.Contains("return=minimal", StringComparison.Ordinal) == true);

    private Task Empty(int status)
    {
        Http.Response.StatusCode = status;
        Http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
