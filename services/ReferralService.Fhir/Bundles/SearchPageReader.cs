using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;

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
        => ReadAsync(page, maxBytes, maxBytes, null, sink, cancellationToken);

    /// <param name="maxHeld">Of one entry.</param>
    /// <param name="runs">Reads the page when long runs are to be put away.</param>
    /// <inheritdoc cref="ReadAsync(Stream, long, SearchEntrySink, CancellationToken)"/>
    internal static async Task<SearchPage> ReadAsync(
        Stream page, long maxBytes, long maxHeld, LongRuns? runs, SearchEntrySink sink, CancellationToken cancellationToken)
    {
        using var buffer = new PageBuffer(runs is null ? page : new ThinnedStream(runs), maxBytes, maxHeld);
        using var parser = new SearchPageParser();
        for (bool more = true; ;)
        {
            while (parser.Parse(buffer.Slice(parser.Position, buffer.End).Span))
            {
                var entry = parser.TakeEntry(buffer, runs);
                if (entry.Fault is null && entry.Resource.Length > maxHeld) throw new FhirFormatException(FormatCode.JsonTooLarge, "too-long", null, "One entry of a search page is larger than may be read.");
                await sink(entry, cancellationToken);
            }

            if (!more) return parser.Finish(buffer.End);
            int unfinished = (int)(buffer.End - parser.Position);
            more = await buffer.FillAsync(parser.KeepFrom, unfinished > LongToken ? unfinished / 4 : 1, cancellationToken);
        }
    }
}
