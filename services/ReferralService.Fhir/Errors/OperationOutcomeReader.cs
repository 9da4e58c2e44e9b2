using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Errors;

/// <summary>Reads an OperationOutcome's issues without their texts: diagnostics and details.text may quote a record, so they are passed over, and a code or path is kept only when it looks like one.</summary>
public static class OperationOutcomeReader
{
    private const int LongestCode = 64;
    private const int LongestExpression = 256;

    /// <exception cref="FhirFormatException">Not an OperationOutcome, or an element that is read has the wrong JSON shape.</exception>
    public static IReadOnlyList<OutcomeIssue> Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "OperationOutcome");
        return Issues(ref e);
    }

    /// <summary>The issues of a body that may be anything; none when it is no OperationOutcome.</summary>
    public static IReadOnlyList<OutcomeIssue> ReadIfAny(ReadOnlyMemory<byte> body)
    {
        // The most errors are told with no body at all, or with a page.
        if (body.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..]) return [];
        try
        {
            return Read(RawResource.Read(body));
        }
        catch (FhirFormatException)
        {
            // An error page, or half an outcome: the status alone must do.
            return [];
        }
    }

    /// <summary>Reads the rest of an OperationOutcome whose object has been entered.</summary>
    internal static IReadOnlyList<OutcomeIssue> Issues(ref ElementReader e)
    {
        IReadOnlyList<OutcomeIssue> issues = [];
        while (e.Next())
        {
            if (e.Is("issue"u8)) issues = e.List(static (ref ElementReader i) => Issue(ref i));
            else e.Skip();
        }

        return issues;
    }

    private static OutcomeIssue? Issue(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? severity = null, code = null;
        IReadOnlyList<string> expressions = [];
        ConceptView? details = null;
        while (e.Next())
        {
            if (e.Is("severity"u8)) severity = e.Text();
            else if (e.Is("code"u8)) code = e.Text();
            else if (e.Is("expression"u8)) expressions = e.Texts();
            else if (e.Is("details"u8)) details = e.Concept();
            else e.Skip();
        }

        return new OutcomeIssue(
            Code(severity) ?? "error",
            Code(code) ?? "unknown",
            expressions.Count > 0 ? Expression(expressions[0]) : null,
            details?.Codings.Select(c => Code(c.Code)).FirstOrDefault(c => c is not null));
    }

    /// <summary>A letter, then letters, digits, <c>. _ -</c>.</summary>
    private static string? Code(string? text)
        => text is { Length: > 0 and <= LongestCode } && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? text
            : null;

    /// <summary>A path of names and indexes. Anything with quotes or spaces in it might hold a value.</summary>
    private static string? Expression(string? text)
        => text is { Length: > 0 and <= LongestExpression } && char.IsAsciiLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '[' or ']' or '(' or ')')
            ? text
            : null;
}
