using System.Net;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Client;

/// <summary>Guards of a walk over the pages of one search: a link seen twice, too many pages, too many bytes.</summary>
/// <remarks>The caller fetches each page (with its retries) and tells it here once; so the guard also holds across retries.</remarks>
public sealed class SearchWalk(int maxPages, long maxBytes)
{
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);

    /// <summary>Pages taken so far.</summary>
    public int Pages { get; private set; }

    /// <summary>Of all pages taken so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes a page that was read; returns the link to follow, or null at the end.</summary>
    /// <exception cref="FhirRequestException">page-loop, too-many-pages or too-large.</exception>
    public string? Next(SearchPage page)
    {
        Pages++;
        Bytes += page.Bytes;
        if (Bytes > maxBytes) throw Stopped(RequestCode.TooLarge);
        if (page.NextLink is not { } next) return null;
        if (!_followed.Add(next)) throw Stopped(RequestCode.PageLoop);
        return Pages < maxPages ? next : throw Stopped(RequestCode.TooManyPages);
    }

    private static FhirRequestException Stopped(string code) => new(code, RequestProgress.Answered, HttpStatusCode.OK, [], null);
}
