using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Client;

namespace ReferralService.Gathering.Files;

/// <summary>A file as the resource that refers to it describes it (R4 Attachment); any of it may be missing or wrong.</summary>
/// <param name="Size">In bytes, before base64.</param>
/// <param name="Hash">SHA-1 in base64.</param>
internal sealed record FileAsk(string? ContentType, long? Size, string? Hash)
{
    public static readonly FileAsk Nothing = new(null, null, null);

    /// <summary>Whether the bytes that came are not those described.</summary>
    public bool Disagrees(FileDigest came)
        => (Size is { } size && size != came.Length) || (Hash is { } hash && hash != Convert.ToBase64String(came.Sha1.Span));

    /// <summary>The files one resource refers to, by the URL as it is written; of one URL written twice the first counts.</summary>
    /// <param name="utf8">Bytes that were read as a resource before; long runs of base64 may be missing.</param>
    public static Dictionary<string, FileAsk> AllOf(ReadOnlyMemory<byte> utf8)
    {
        var asks = new Dictionary<string, FileAsk>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(utf8);
        Visit(document.RootElement, asks);
        return asks;
    }

    private static void Visit(JsonElement element, Dictionary<string, FileAsk> asks)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Visit(item, asks);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.Text("url") is { } url) asks.TryAdd(url, Of(element));
            foreach (var member in element.EnumerateObject()) Visit(member.Value, asks);
        }
    }

    private static FileAsk Of(JsonElement attachment) => new(
        attachment.Text("contentType"),
        attachment.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long bytes) && bytes >= 0 ? bytes : null,
        attachment.Text("hash"));
}
