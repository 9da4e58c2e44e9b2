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

    /// <summary>Whether it is an interface's answer rather than the file, by what the question takes of JSON and XML.</summary>
    public static bool IsData(MediaTypeHeaderValue? served, FileQuestion question)
    {
        if (question.Data == DataAnswers.Taken || served?.MediaType is not { } name || !(IsJson(name) || IsXml(name))) return false;
        if (question.Data == DataAnswers.Refused || NameOf(question.Declared) is not { } wanted) return true;
        return IsJson(name) ? !IsJson(wanted) : !IsXml(wanted);
    }

    /// <summary>Whether it is a page nobody spoke of: a login, an apology, with 200.</summary>
    public static bool IsPage(MediaTypeHeaderValue? served, FileQuestion question)
        => served?.MediaType is { } name && IsHtml(name) && !IsHtml(NameOf(question.Declared)) && !IsHtml(NameOf(question.Bare is { } bare ? BinaryHead.TypeOf(bare) : null));

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
        => type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || IsJson(type) || IsXml(type);

    /// <summary>Lines and sequences of it, too.</summary>
    private static bool IsJson(string type) => type.Contains("json", StringComparison.OrdinalIgnoreCase);

    private static bool IsXml(string type) => type.EndsWith("/xml", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase);

    private static bool IsHtml(string? type)
        => string.Equals(type, "text/html", StringComparison.OrdinalIgnoreCase) || string.Equals(type, "application/xhtml+xml", StringComparison.OrdinalIgnoreCase);

    private static string? NameOf(string? type) => MediaTypeHeaderValue.TryParse(type, out var read) ? read.MediaType : null;
}
