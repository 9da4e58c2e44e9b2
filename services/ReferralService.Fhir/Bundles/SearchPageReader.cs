namespace ReferralService.Fhir.Bundles;

public static class SearchPageReader
{
    /// <summary>Reads a searchset from a stream, handing each entry over as it is complete; holds one entry's bytes at a time.</summary>
    /// <param name="maxBytes">Of the whole page.</param>
    /// <exception cref="Errors.FhirFormatException">Not JSON, not a searchset Bundle, truncated, too deep, too large, a key twice.</exception>
    public static Task<SearchPage> ReadAsync(Stream page, long maxBytes, SearchEntrySink sink, CancellationToken cancellationToken)
        => throw new NotImplementedException();
}
