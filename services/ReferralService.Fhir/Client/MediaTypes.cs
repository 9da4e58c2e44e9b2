using System.Net.Http.Headers;

namespace ReferralService.Fhir.Client;

/// <summary>What the media type of an answer says of it.</summary>
internal static class MediaTypes
{
    private const int Longest = 255;

    /// <summary>FHIR JSON goes by many names, none at all included; a file that is no JSON says so.</summary>
    public static bool MayBeJson(MediaTypeHeaderValue? type) => type?.MediaType is not { } name || name.Contains("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>FHIR's own types, R4's and those of the versions before it.</summary>
    public static bool IsFhir(MediaTypeHeaderValue? type) => type?.MediaType is { } name && name.Contains("fhir", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether this cannot be the file that was asked for: FHIR's description of it, or text (a login page, an error's JSON) where a picture or a PDF was to come.</summary>
    /// <param name="declared">By whoever refers to the file; null: unknown.</param>
    public static bool IsInstead(MediaTypeHeaderValue? served, string? declared)
    {
        if (IsFhir(served)) return true;
        if (served?.MediaType is not { } name || !MediaTypeHeaderValue.TryParse(declared, out var meant) || meant.MediaType is not { } wanted) return false;
        return IsText(name) && !IsText(wanted);
    }

    /// <summary>As it was sent, parameters and all; null when absent, or nothing that R4 lets stand in Binary.contentType.</summary>
    public static string? Served(HttpResponseMessage answer)
        => answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) && values.Count == 1 ? Clean(values.ToString()) : null;

    /// <summary>The text as a code of R4's: visible ASCII, single spaces within; null when it is none, or endless.</summary>
    public static string? Clean(string? text)
    {
        if (text?.Trim(' ', '\t') is not { Length: > 0 and <= Longest } code) return null;
        return code.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !code.Contains("  ", StringComparison.Ordinal) && code.Contains('/') ? code : null;
    }

    private static bool IsText(string type)
        => type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || type.EndsWith("json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("xml", StringComparison.OrdinalIgnoreCase);
}
