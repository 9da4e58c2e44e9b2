using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Bundles;

/// <summary>One entry.response: HTTP status code (200 when it says "200 OK"), Location, and the first issue's code where there is an outcome.</summary>
/// <param name="Status">0 when the entry tells none that can be read: nothing may then be concluded.</param>
/// <param name="IssueCode">Of the first issue that is an error, else of the first.</param>
public sealed record EntryResponse(int Status, string? Location, string? IssueCode, string? IssueExpression);

/// <summary>A transaction-response or batch-response read entry by entry.</summary>
public sealed record TransactionResponse(string BundleType, IReadOnlyList<EntryResponse> Entries)
{
    /// <exception cref="FhirFormatException">Not a Bundle of type transaction-response or batch-response.</exception>
    public static TransactionResponse Read(ReadOnlyMemory<byte> utf8)
    {
        var e = ElementReader.Open(RawResource.ReadWithin(utf8, SearchPageParser.Around + JsonGuard.MaxDepth), "Bundle");
        string? type = null;
        IReadOnlyList<EntryResponse> entries = [];
        while (e.Next())
        {
            if (e.Is("type"u8)) type = e.Text();
            else if (e.Is("entry"u8)) entries = e.List(static (ref ElementReader i) => Entry(ref i));
            else e.Skip();
        }

        return type is "transaction-response" or "batch-response"
            ? new TransactionResponse(type, entries)
            : throw new FhirFormatException(
                FormatCode.WrongType, "invalid", "Bundle.type", "A Bundle of type transaction-response or batch-response was expected.");
    }

    private static EntryResponse? Entry(ref ElementReader e)
    {
        var response = new EntryResponse(0, null, null, null);
        if (!e.Enter()) return response;
        while (e.Next())
        {
            if (e.Is("response"u8)) response = Response(ref e);
            else e.Skip();
        }

        return response;
    }

    private static EntryResponse Response(ref ElementReader e)
    {
        string? status = null, location = null;
        IReadOnlyList<OutcomeIssue> issues = [];
        if (!e.Enter()) return new EntryResponse(0, null, null, null);
        while (e.Next())
        {
            if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("location"u8)) location = e.Text();
            else if (e.Is("outcome"u8)) issues = e.Enter() ? OperationOutcomeReader.Issues(ref e) : [];
            else e.Skip();
        }

        var issue = issues.FirstOrDefault(i => i.Severity is "error" or "fatal") ?? (issues.Count > 0 ? issues[0] : null);
        return new EntryResponse(StatusCode(status), location, issue?.Code, issue?.Expression);
    }

    /// <summary>"201", "201 Created": three digits, then nothing or a space.</summary>
    private static int StatusCode(string? text)
        => text is { Length: >= 3 } && (text.Length == 3 || text[3] == ' ') && int.TryParse(text.AsSpan(0, 3), out int code) && code is >= 100 and <= 599
            ? code
            : 0;
}
