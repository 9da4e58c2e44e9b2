using System.Text.Json;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>What in an OpenAPI document would break those who call the API as it was released.</summary>
/// <remarks>A member of an operation, a parameter, a body or an answer that no rule here compares is told as a break too.</remarks>
internal sealed class OpenApiDiff(JsonElement released, JsonElement now)
{
    private static readonly string[] Roles = ["viewer", "operator", "privacy"];
    private static readonly string[] OfPaths = ["x-other-methods", "get", "put", "post", "delete", "patch"];
    private static readonly string[] OfOperations = ["operationId", "tags", "summary", "description", "x-role", "security", "parameters", "requestBody", "responses"];
    private static readonly string[] OfParameters = ["name", "in", "required", "description", "schema", "example", "examples"];
    private static readonly string[] OfBodies = ["required", "description", "content"];

    private readonly SchemaReferences _released = new(released);
    private readonly SchemaReferences _now = new(now);
    private readonly OpenApiAnswerDiff _answers = new(new SchemaReferences(released), new SchemaReferences(now));

    public static IReadOnlyList<string> Between(JsonElement released, JsonElement now)
    {
        var diff = new OpenApiDiff(released, now);
        return [.. diff.Paths(released, now), .. Secrets(released, now)];
    }

    /// <returns>A line for each member that has no rule.</returns>
    public static IEnumerable<string> Unknown(string path, string[] known, params JsonElement[] elements)
        => elements.SelectMany(element => element.EnumerateObject()).Select(member => member.Name).Distinct().Except(known).Select(name => $"{path} has {name}, which no rule compares");

    private IEnumerable<string> Paths(JsonElement released, JsonElement now)
    {
        foreach (var path in released.GetProperty("paths").EnumerateObject())
        {
            var (before, after) = (path.Value, now.GetProperty("paths").TryGetProperty(path.Name, out var item) ? item : SchemaKeywords.Anything);
            foreach (var fault in Unknown(path.Name, OfPaths, before, after)) yield return fault;
            foreach (var method in before.EnumerateObject().Where(method => method.Value.ValueKind == JsonValueKind.Object))
            {
                foreach (var fault in after.TryGetProperty(method.Name, out var other) ? Compare(method.Value, other) : [$"{method.Name} {path.Name} is removed"]) yield return fault;
            }

            if (!before.TryGetProperty("x-other-methods", out var others)) continue;
            if (!after.TryGetProperty("x-other-methods", out var isNow)) yield return $"{path.Name} no longer says what other methods are answered";
            else foreach (var fault in _answers.Compare($"{path.Name} other methods", _released.Find(others.GetString()!).Schema, _now.Find(isNow.GetString()!).Schema)) yield return fault;
        }
    }

    private IEnumerable<string> Compare(JsonElement before, JsonElement after)
    {
        var id = before.GetProperty("operationId").GetString()!;
        if (after.GetProperty("operationId").GetString() != id) yield return $"{id} has another operationId";
        if (Rank(after) > Rank(before)) yield return $"{id} needs a larger role";
        if (before.TryGetProperty("security", out var ways) && !IsLetInBy(ways, after)) yield return $"{id} is no longer let in by what it was";
        foreach (var fault in Unknown(id, OfOperations, before, after).Concat(Parameters(id, before, after)).Concat(Bodies(id, before, after)).Concat(_answers.All(id, before, after))) yield return fault;
    }

    /// <summary>Null: anyone. A role that is not in the list is larger than all that are.</summary>
    private static int Rank(JsonElement operation) => operation.GetProperty("x-role").GetString() is not { } role ? -1 : Array.IndexOf(Roles, role) is >= 0 and var rank ? rank : Roles.Length;

    private static bool IsLetInBy(JsonElement ways, JsonElement after)
    {
        var isNow = after.TryGetProperty("security", out var others) ? others.EnumerateArray().ToList() : [];
        return isNow.Count == 0 || (ways.GetArrayLength() > 0 && ways.EnumerateArray().All(way => isNow.Exists(other => JsonElement.DeepEquals(way, other))));
    }

    private IEnumerable<string> Parameters(string id, JsonElement before, JsonElement after)
    {
        var (was, isNow) = (Named(before), Named(after));
        foreach (var (name, parameter) in was)
        {
            if (!isNow.TryGetValue(name, out var other)) yield return $"{id} {name} is removed";
            else foreach (var fault in Unknown($"{id} {name}", OfParameters, parameter, other).Concat(new SchemaDiff(MessageDirection.Received, _released, _now).Between($"{id} {name}", parameter.GetProperty("schema"), other.GetProperty("schema")))) yield return fault;
        }

        foreach (var (name, parameter) in isNow.Where(parameter => IsNeeded(parameter.Value) && !(was.TryGetValue(parameter.Key, out var known) && IsNeeded(known)))) yield return $"{id} {name} is now required";
    }

    private IEnumerable<string> Bodies(string id, JsonElement before, JsonElement after)
    {
        if (!before.TryGetProperty("requestBody", out var was)) return after.TryGetProperty("requestBody", out var added) && IsNeeded(added) ? [$"{id} now needs a body"] : [];
        if (!after.TryGetProperty("requestBody", out var isNow)) return [$"{id} no longer takes a body"];
        return (IsNeeded(isNow) && !IsNeeded(was) ? new[] { $"{id} now needs a body" } : [])
            .Concat(Unknown($"{id} body", OfBodies, was, isNow)).Concat(_answers.Contents($"{id} body", MessageDirection.Received, was, isNow));
    }

    /// <summary>How a caller shows who it is.</summary>
    private static IEnumerable<string> Secrets(JsonElement before, JsonElement after)
    {
        if (!Schemes(before, out var was)) return [];
        return was.EnumerateObject().Where(scheme => !(Schemes(after, out var isNow) && isNow.TryGetProperty(scheme.Name, out var other) && Told(scheme.Value) == Told(other)))
            .Select(scheme => $"the secret {scheme.Name} is no longer shown as it was");
    }

    private static bool Schemes(JsonElement document, out JsonElement schemes)
    {
        schemes = default;
        return document.TryGetProperty("components", out var components) && components.TryGetProperty("securitySchemes", out schemes);
    }

    private static string Told(JsonElement scheme) => string.Join(' ', scheme.EnumerateObject().Where(member => member.Name != "description").Select(member => $"{member.Name}={member.Value}").Order(StringComparer.Ordinal));

    private static Dictionary<string, JsonElement> Named(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? parameters.EnumerateArray().ToDictionary(parameter => $"{parameter.GetProperty("in")} {parameter.GetProperty("name")}")
        : [];

    private static bool IsNeeded(JsonElement element) => element.TryGetProperty("required", out var required) && required.GetBoolean();
}
