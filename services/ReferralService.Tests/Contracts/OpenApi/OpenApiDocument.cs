using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>contracts/openapi.json, as the tests read it.</summary>
internal sealed class OpenApiDocument
{
    private readonly JsonElement _root;
    private readonly SchemaReferences _references;

    private OpenApiDocument(JsonElement root) => (_root, _references) = (root, new SchemaReferences(root));

    public static OpenApiDocument Kept { get; } = new(JsonDocument.Parse(File.ReadAllText(ContractFiles.OpenApi)).RootElement);

    public IEnumerable<OpenApiOperation> Operations
        => from path in _root.GetProperty("paths").EnumerateObject()
           from member in path.Value.EnumerateObject()
           where member.Value.ValueKind == JsonValueKind.Object
           select new OpenApiOperation(this, member.Name.ToUpperInvariant(), path.Name, member.Value);

    public OpenApiOperation Operation(string id) => Operations.Single(operation => operation.Id == id);

    /// <summary>Where every other method of a path leads.</summary>
    public JsonElement OtherMethods(string path) => Resolve(_root.GetProperty("paths").GetProperty(path).GetProperty("x-other-methods").GetString()!);

    public JsonElement Followed(JsonElement element) => element.TryGetProperty("$ref", out var reference) ? Resolve(reference.GetString()!) : element;

    /// <returns>What is wrong with an answer by the response that is documented for it; empty when nothing is.</returns>
    public IReadOnlyList<string> Check(JsonElement response, string? contentType, byte[] body)
    {
        if (!response.TryGetProperty("content", out var contents)) return body.Length == 0 ? [] : ["a body where none is documented"];
        if (contentType is null || !contents.TryGetProperty(contentType, out var content)) return [$"{contentType ?? "no content type"} is not documented"];
        if (!contentType.EndsWith("json", StringComparison.Ordinal)) return [];
        using var document = JsonDocument.Parse(body);
        var faults = SchemaChecker.Check(_references, content.GetProperty("schema"), document.RootElement);
        return faults.Count > 0 || !response.TryGetProperty("x-codes", out var codes) || codes.EnumerateArray().Any(code => code.GetString() == CodeOf(document.RootElement))
            ? faults
            : [$"the code {CodeOf(document.RootElement)} is not documented"];
    }

    /// <summary>Of problem+json, or of the first issue of an OperationOutcome.</summary>
    private static string? CodeOf(JsonElement body)
        => body.TryGetProperty("code", out var code) ? code.GetString()
            : body.GetProperty("issue")[0].GetProperty("details").GetProperty("coding")[0].GetProperty("code").GetString();

    private JsonElement Resolve(string reference) => _references.Find(reference).Schema;
}

/// <summary>One method of one path.</summary>
internal sealed record OpenApiOperation(OpenApiDocument Document, string Method, string Path, JsonElement Node)
{
    public string Id => Node.GetProperty("operationId").GetString()!;

    /// <summary>Null: anyone may call.</summary>
    public string? Role => Node.GetProperty("x-role").GetString();

    public bool TakesBody => Node.TryGetProperty("requestBody", out _);

    public IEnumerable<int> Statuses => Node.GetProperty("responses").EnumerateObject().Select(response => int.Parse(response.Name, System.Globalization.CultureInfo.InvariantCulture));

    public JsonElement Response(int status) => Document.Followed(Node.GetProperty("responses").GetProperty($"{status}"));

    public IEnumerable<JsonElement> Parameters => Node.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];

    /// <summary>The address with the examples of the parameters in it.</summary>
    public string Address()
    {
        var path = Path;
        var query = new List<string>();
        foreach (var parameter in Parameters.Where(parameter => parameter.TryGetProperty("example", out _)))
        {
            var (name, example) = (parameter.GetProperty("name").GetString()!, Uri.EscapeDataString(parameter.GetProperty("example").ToString()));
            if (parameter.GetProperty("in").GetString() == "path") path = path.Replace($"{{{name}}}", example, StringComparison.Ordinal);
            else query.Add($"{name}={example}");
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    public (string ContentType, IReadOnlyDictionary<string, JsonNode> Examples) Body()
    {
        var content = Node.GetProperty("requestBody").GetProperty("content").EnumerateObject().Single();
        return (content.Name, content.Value.GetProperty("examples").EnumerateObject().ToDictionary(example => example.Name, example => JsonNode.Parse(example.Value.GetProperty("value").GetRawText())!));
    }

    public override string ToString() => Id;
}
