using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Bundles;

public enum SearchEntryMode { Match, Include, Outcome }

/// <summary>One entry of a search page. The resource's bytes are only good during the call that hands it over.</summary>
public readonly record struct SearchEntry(string? FullUrl, SearchEntryMode Mode, RawResource Resource);

/// <summary>What a page says beside its entries.</summary>
/// <param name="Total">Matches on all pages, when the server says.</param>
/// <param name="Entries">With a resource.</param>
public sealed record SearchPage(string? SelfLink, string? NextLink, long? Total, int Entries, long Bytes)
{
    /// <summary>Entries that hold no resource: something was found and not given.</summary>
    public int Hollow { get; init; }
}

/// <summary>Takes the entries of a page as they are read; may store them, may throw to stop.</summary>
public delegate ValueTask SearchEntrySink(SearchEntry entry, CancellationToken cancellationToken);
