using System.Text.Json;
using System.Text.Unicode;
using ReferralService.Fhir.Errors;

namespace ReferralService.Intake.Requests;

/// <summary>Reads a small JSON object of text members, as requests and commands are: strictly, so that two readers cannot see two things in it.</summary>
internal static class JsonFields
{
    /// <summary>Longest value; an absolute URL fits.</summary>
    private const int LongestText = 2048;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>The members by name; those that are null are left out.</summary>
    /// <param name="known">What may be in it; anything else is a fault, so that a caller's mistake is not taken for its wish.</param>
    /// <exception cref="FhirFormatException">Code <see cref="FormatCode.ElementShape"/>: JSON, but not such an object. Any other: no JSON.</exception>
    public static IReadOnlyDictionary<string, string> Read(ReadOnlyMemory<byte> body, params ReadOnlySpan<string> known)
    {
        if (!Utf8.IsValid(body.Span)) throw Invalid("The body is not UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Members(document.RootElement, known);
        }
        catch (JsonException)
        {
            throw Invalid("The body is not JSON, or has one member twice.");
        }
        catch (InvalidOperationException)
        {
            // The tokenizer lets an escaped half of a surrogate pair pass; it is found when the text is taken.
            throw Invalid("A text in the body is not Unicode.");
        }
    }

    private static Dictionary<string, string> Members(JsonElement root, ReadOnlySpan<string> known)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Shape(null, "The body must be a JSON object.");
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (known.IndexOf(member.Name) < 0) throw Shape(null, $"The body has a member that is not known here; known are: {string.Join(", ", known!)}.");
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            if (member.Value.ValueKind != JsonValueKind.String) throw Shape(member.Name, $"{member.Name} must be a text.");
            var text = member.Value.GetString()!;
            if (text.Length is 0 or > LongestText) throw Shape(member.Name, $"{member.Name} must have 1 to {LongestText} characters.");
            members.Add(member.Name, text);
        }

        return members;
    }

    private static FhirFormatException Invalid(string message) => new(FormatCode.JsonInvalid, "structure", null, message);

    private static FhirFormatException Shape(string? member, string message) => new(FormatCode.ElementShape, "invalid", member, message);
}
