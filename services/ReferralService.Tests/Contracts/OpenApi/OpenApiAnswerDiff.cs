using System.Text.Json;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>What in an answer would break those who read it as it was released: of every status, for what a caller does about a refusal hangs on its status, its code and its headers.</summary>
internal sealed class OpenApiAnswerDiff(SchemaReferences released, SchemaReferences now)
{
    private static readonly string[] OfAnswers = ["description", "headers", "content", "x-codes"];
    private static readonly string[] OfHeaders = ["description", "schema", "required"];
    private static readonly string[] OfContents = ["schema", "example", "examples"];

    public IEnumerable<string> All(string id, JsonElement before, JsonElement after)
    {
        foreach (var response in before.GetProperty("responses").EnumerateObject())
        {
            if (!after.GetProperty("responses").TryGetProperty(response.Name, out var other)) yield return $"{id} no longer answers {response.Name}";
            else foreach (var fault in Compare($"{id} {response.Name}", response.Value, other)) yield return fault;
        }
    }

    public IEnumerable<string> Compare(string path, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Followed(released, before), Followed(now, after));
        return OpenApiDiff.Unknown(path, OfAnswers, was, isNow)
            .Concat(SchemaKeywords.Words(was, "x-codes").Except(SchemaKeywords.Words(isNow, "x-codes")).Select(code => $"{path} no longer has the code {code}"))
            .Concat(Headers(path, was, isNow)).Concat(Contents(path, MessageDirection.Sent, was, isNow));
    }

    public IEnumerable<string> Contents(string path, MessageDirection direction, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty("content", out var was)) yield break;
        foreach (var content in was.EnumerateObject())
        {
            if (!after.TryGetProperty("content", out var contents) || !contents.TryGetProperty(content.Name, out var other)) yield return $"{path} is no longer {content.Name}";
            else foreach (var fault in OpenApiDiff.Unknown(path, OfContents, content.Value, other).Concat(Schemas(path, direction, content.Value, other))) yield return fault;
        }
    }

    private IEnumerable<string> Headers(string path, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty("headers", out var was)) yield break;
        foreach (var header in was.EnumerateObject())
        {
            var at = $"{path} header {header.Name}";
            if (!after.TryGetProperty("headers", out var headers) || !headers.TryGetProperty(header.Name, out var other))
            {
                yield return $"{at} is removed";
                continue;
            }

            if (SchemaKeywords.IsTrue(header.Value, "required") && !SchemaKeywords.IsTrue(other, "required")) yield return $"{at} is no longer always there";
            foreach (var fault in OpenApiDiff.Unknown(at, OfHeaders, header.Value, other).Concat(Schemas(at, MessageDirection.Sent, header.Value, other))) yield return fault;
        }
    }

    private IReadOnlyList<string> Schemas(string path, MessageDirection direction, JsonElement before, JsonElement after)
        => new SchemaDiff(direction, released, now).Between(path, Schema(before), Schema(after));

    private static JsonElement Schema(JsonElement element) => element.TryGetProperty("schema", out var schema) ? schema : SchemaKeywords.Anything;

    private static JsonElement Followed(SchemaReferences references, JsonElement element) => element.TryGetProperty("$ref", out var reference) ? references.Find(reference.GetString()!).Schema : element;
}
