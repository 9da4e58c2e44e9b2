namespace ReferralService.Fhir.Bundles;

public static class SearchPageReader
{
    /// <summary>An unfinished token longer than this is not looked at again until a quarter more of it has come: else a long string that comes in small pieces would be read over and over.</summary>
    private const int LongToken = 4096;

    /// <summary>Reads a searchset from a stream, handing each entry over as it is complete; holds one entry's bytes at a time.</summary>
    /// <param name="maxBytes">Of the whole page.</param>
    /// <exception cref="Errors.FhirFormatException">Not JSON, not a searchset Bundle, truncated, too deep, too large, a key twice.</exception>
    /// <remarks>Entries come before it is known that the page is whole and a searchset: what the sink stored of a page that then fails is the caller's to forget.</remarks>
    public static Task<SearchPage> ReadAsync(Stream page, long maxBytes, SearchEntrySink sink, CancellationToken cancellationToken)
        => ReadAsync(page, maxBytes, maxBytes, sink, cancellationToken);

    /// <param name="maxHeld">Of one entry: what is in memory at once.</param>
    /// <inheritdoc cref="ReadAsync(Stream, long, SearchEntrySink, CancellationToken)"/>
    public static async Task<SearchPage> ReadAsync(Stream page, long maxBytes, long maxHeld, SearchEntrySink sink, CancellationToken cancellationToken)
    {
        using var buffer = new PageBuffer(page, maxBytes, maxHeld);
        using var parser = new SearchPageParser();
        for (bool more = true; ;)
        {
            while (parser.Parse(buffer.Slice(parser.Position, buffer.End).Span)) await sink(parser.TakeEntry(buffer), cancellationToken);
            if (!more) return parser.Finish(buffer.End);
            int unfinished = (int)(buffer.End - parser.Position);
            more = await buffer.FillAsync(parser.KeepFrom, unfinished > LongToken ? unfinished / 4 : 1, cancellationToken);
        }
    }
}
