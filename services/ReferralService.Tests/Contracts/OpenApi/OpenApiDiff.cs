using System.Text.Json;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>What in an OpenAPI document would break those who call the API as it was released.</summary>
internal sealed class OpenApiDiff(JsonElement released, JsonElement now)
{
    private static readonly string[] Roles = ["viewer", "operator", "privacy"];

    private readonly SchemaReferences _released = new(released);
    private readonly SchemaReferences _now = new(now);

    public static IReadOnlyList<string> Between(JsonElement released, JsonElement now)
    {
        var diff = new OpenApiDiff(released, now);
        return [.. Operations(released).SelectMany(operation => Find(now, operation.Path, operation.Method) is { } other ? diff.Compare(operation.Node, other) : [$"{operation.Method} {operation.Path} is removed"])];
    }

    private static IEnumerable<(string Path, string Method, JsonElement Node)> Operations(JsonElement document)
        => from path in document.GetProperty("paths").EnumerateObject()
           from method in path.Value.EnumerateObject()
           where method.Value.ValueKind == JsonValueKind.Object
           select (path.Name, method.Name, method.Value);

    private static JsonElement? Find(JsonElement document, string path, string method)
        => document.GetProperty("paths").TryGetProperty(path, out var item) && item.TryGetProperty(method, out var operation) ? operation : null;

    private IEnumerable<string> Compare(JsonElement before, JsonElement after)
    {
        var id = before.GetProperty("operationId").GetString()!;
        if (after.GetProperty("operationId").GetString() != id) yield return $"{id} has another operationId";
        if (Rank(after) > Rank(before)) yield return $"{id} needs a larger role";
        foreach (var fault in Parameters(id, before, after).Concat(Bodies(id, before, after)).Concat(Answers(id, before, after))) yield return fault;
    }

    private static int Rank(JsonElement operation) => Array.IndexOf(Roles, operation.GetProperty("x-role").GetString());

    private IEnumerable<string> Parameters(string id, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Named(before), Named(after));
        foreach (var (name, parameter) in was)
        {
            if (!isNow.TryGetValue(name, out var other)) yield return $"{id} {name} is removed";
            else foreach (var fault in new SchemaDiff(MessageDirection.Received, _released, _now).Between($"{id} {name}", parameter.GetProperty("schema"), other.GetProperty("schema"))) yield return fault;
        }

        foreach (var (name, parameter) in isNow.Where(parameter => IsNeeded(parameter.Value) && !(was.TryGetValue(parameter.Key, out var known) && IsNeeded(known)))) yield return $"{id} {name} is now required";
    }

    private IEnumerable<string> Bodies(string id, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty("requestBody", out var was)) return after.TryGetProperty("requestBody", out var added) && IsNeeded(added) ? [$"{id} now needs a body"] : [];
        if (!after.TryGetProperty("requestBody", out var isNow)) return [$"{id} no longer takes a body"];
        return (IsNeeded(isNow) && !IsNeeded(was) ? new[] { $"{id} now needs a body" } : []).Concat(Contents($"{id} body", MessageDirection.Received, was, isNow));
    }

    private IEnumerable<string> Answers(string id, JsonElement before, JsonElement after)
    {
        foreach (var response in before.GetProperty("responses").EnumerateObject().Where(response => response.Name[0] == '2'))
        {
            if (!after.GetProperty("responses").TryGetProperty(response.Name, out var other)) yield return $"{id} no longer answers {response.Name}";
            else foreach (var fault in Contents($"{id} {response.Name}", MessageDirection.Sent, response.Value, other)) yield return fault;
        }
    }

    private IEnumerable<string> Contents(string path, MessageDirection direction, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty("content", out var was)) yield break;
        foreach (var content in was.EnumerateObject())
        {
            if (!after.TryGetProperty("content", out var contents) || !contents.TryGetProperty(content.Name, out var other)) yield return $"{path} is no longer {content.Name}";
            else foreach (var fault in new SchemaDiff(direction, _released, _now).Between(path, content.Value.GetProperty("schema"), other.GetProperty("schema"))) yield return fault;
        }
    }

    private static Dictionary<string, JsonElement> Named(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? parameters.EnumerateArray().ToDictionary(parameter => $"{parameter.GetProperty("in")} {parameter.GetProperty("name")}")
        : [];

    private static bool IsNeeded(JsonElement element) => element.TryGetProperty("required", out var required) && required.GetBoolean();
}
