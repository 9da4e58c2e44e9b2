using ReferralService.Fhir.Bundles;

namespace ReferralService.Fhir.Client;

/// <summary>Guards of a walk over the pages of one search: a link seen twice, too many pages, too many bytes.</summary>
/// <remarks>The caller fetches each page (with its retries) and tells it here; so the guard also holds across retries.</remarks>
public sealed class SearchWalk(int maxPages, long maxBytes)
{
    /// <summary>Takes a page that was read; returns the link to follow, or null at the end.</summary>
    /// <exception cref="Errors.FhirRequestException">page-loop, too-many-pages or too-large.</exception>
    public string? Next(SearchPage page) => throw new NotImplementedException();

    internal int MaxPages { get; } = maxPages;
    internal long MaxBytes { get; } = maxBytes;
}
