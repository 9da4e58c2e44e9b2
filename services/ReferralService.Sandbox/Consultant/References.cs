using System.Text.Json;
using System.Text.RegularExpressions;
using ReferralService.Sandbox.Repository;

namespace ReferralService.Sandbox.Consultant;

/// <summary>References between the entries of a transaction become references to where they were put.</summary>
internal static partial class References
{
    /// <param name="places">fullUrl to <c>Type/id</c>.</param>
    public static byte[] Rewrite(ReadOnlySpan<byte> resource, Dictionary<string, string> places) => JsonSplice.WithStrings(resource, (property, text) =>
    {
        if (property is "reference" or "url" or "uri") return places.GetValueOrDefault(text);
        if (property != "div" || !text.Contains("urn:uuid:", StringComparison.Ordinal)) return null;
        return Link().Replace(text, link => places.TryGetValue(link.Groups[2].Value, out var place) ? $"{link.Groups[1].Value}{place}\"" : link.Value);
    });

    /// <summary>A Reference.reference that is still a urn after rewriting.</summary>
    public static bool HasUnresolved(ReadOnlySpan<byte> resource)
    {
        var reader = new Utf8JsonReader(resource);
        var isReference = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName) isReference = reader.ValueTextEquals("reference");
            else if (isReference && reader.TokenType == JsonTokenType.String && reader.GetString()!.StartsWith("urn:uuid:", StringComparison.Ordinal)) return true;
        }
        return false;
    }

    [GeneratedRegex("((?:href|src)=\")([^\"]+)\"")]
    private static partial Regex Link();
}
