using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>One of the shapes of an <c>anyOf</c> or <c>oneOf</c>.</summary>
/// <param name="Name">Its constants, else its type; with a number where an earlier one has the same.</param>
/// <param name="HasConstant">A reader can tell by a word in it which of the shapes it is.</param>
internal sealed record SchemaBranch(string Name, bool HasConstant, JsonElement Schema)
{
    public static IReadOnlyList<SchemaBranch> All(IEnumerable<JsonElement> branches, SchemaReferences references)
        => [.. branches.Select(branch => Of(branch, references)).GroupBy(branch => branch.Name)
            .SelectMany(alike => alike.Select((branch, index) => index == 0 ? branch : branch with { Name = $"{branch.Name} {index + 1}" }))];

    private static SchemaBranch Of(JsonElement branch, SchemaReferences references)
    {
        var followed = Followed(branch, references);
        if (followed.ValueKind != JsonValueKind.Object) return new SchemaBranch(followed.ToString(), HasConstant: false, branch);
        var constants = SchemaKeywords.Members(followed).Values.Prepend(followed).Where(schema => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("const", out _)).Select(schema => schema.GetProperty("const").ToString()).ToList();
        return constants.Count > 0
            ? new SchemaBranch(string.Join(',', constants), HasConstant: true, branch)
            : new SchemaBranch(SchemaKeywords.Raw(followed, "type")?.Trim('"') ?? "anything", HasConstant: false, branch);
    }

    private static JsonElement Followed(JsonElement schema, SchemaReferences references)
        => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference) ? references.Find(reference.GetString()!).Schema : schema;
}
