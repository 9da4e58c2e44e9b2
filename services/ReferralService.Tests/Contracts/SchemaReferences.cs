using System.Text.Json;

namespace ReferralService.Tests.Contracts;

/// <summary>Finds what a <c>$ref</c> names: <c>#/$defs/x</c> in the same document, <c>file#/$defs/x</c> in one given beside it.</summary>
internal sealed class SchemaReferences(JsonElement root, IReadOnlyDictionary<string, JsonElement>? files = null)
{
    /// <returns>The schema, and where its own references lead.</returns>
    public (JsonElement Schema, SchemaReferences Within) Find(string reference)
    {
        int hash = reference.IndexOf('#', StringComparison.Ordinal);
        var document = hash == 0 ? root : files![reference[..hash]];
        var schema = reference[(hash + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(document, (at, name) => at.GetProperty(name));
        return (schema, hash == 0 ? this : new SchemaReferences(document, files));
    }
}
