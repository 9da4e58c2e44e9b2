namespace ReferralService.Fhir.Bundles;

/// <summary>One entry.response: HTTP status code (200 when it says "200 OK"), Location, and the first issue's code where there is an outcome.</summary>
public sealed record EntryResponse(int Status, string? Location, string? IssueCode, string? IssueExpression);

/// <summary>A transaction-response or batch-response read entry by entry.</summary>
public sealed record TransactionResponse(string BundleType, IReadOnlyList<EntryResponse> Entries)
{
    /// <exception cref="Errors.FhirFormatException">Not a Bundle of type transaction-response or batch-response.</exception>
    public static TransactionResponse Read(ReadOnlyMemory<byte> utf8) => throw new NotImplementedException();
}
