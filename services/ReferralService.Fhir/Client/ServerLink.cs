using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Client;

/// <summary>Turns a link a server gave us into an address we go to: only ever on the server's own scheme, host and port.</summary>
internal static class ServerLink
{
    /// <param name="link">Absolute, or relative to the server's root (<c>/…</c>) or base.</param>
    /// <param name="serverBase">Without trailing slash.</param>
    /// <exception cref="FhirRequestException">foreign-origin.</exception>
    public static Uri Resolve(string serverBase, string link)
    {
        var origin = new Uri(serverBase);
        string absolute = link;
        if (!link.Contains("://", StringComparison.Ordinal) || link.IndexOf("://", StringComparison.Ordinal) > link.IndexOfAny(['/', '?', '#']))
        {
            absolute = link.StartsWith("//", StringComparison.Ordinal) ? $"{origin.Scheme}:{link}"
                : link.StartsWith('/') ? origin.GetLeftPart(UriPartial.Authority) + link
                : $"{serverBase}/{link}";
        }

        // Verbatim: a cursor is the server's own text, and Uri would rewrite some of its escapes. Anything but plain printable ASCII
        // could not stand in a request line, so there Uri may mend it.
        bool verbatim = absolute.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !absolute.Contains('#');
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = verbatim };
        return Uri.TryCreate(absolute, options, out var uri) && IsSameOrigin(origin, uri)
            ? uri
            : throw new FhirRequestException(RequestCode.ForeignOrigin, RequestProgress.NotSent, null, [], null);
    }

    private static bool IsSameOrigin(Uri origin, Uri uri)
        => uri.IsAbsoluteUri
            && uri.Scheme == origin.Scheme
            && uri.Port == origin.Port
            && uri.UserInfo.Length == 0
            && string.Equals(uri.IdnHost, origin.IdnHost, StringComparison.OrdinalIgnoreCase);
}
