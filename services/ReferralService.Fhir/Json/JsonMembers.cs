using System.Text.Json;

namespace ReferralService.Fhir.Json;

/// <summary>Members of parsed JSON that may be of any shape.</summary>
public static class JsonMembers
{
    /// <summary>The member's text; null where there is no such member, it is no text, or this is no object.</summary>
    public static string? Text(this JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
