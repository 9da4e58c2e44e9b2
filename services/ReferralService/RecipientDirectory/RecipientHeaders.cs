namespace ReferralService.RecipientDirectory;

/// <summary>Says what we prefer (RFC 7240): a search fails where a filter is not understood, a Bundle is stored without being sent back.
/// Of a transaction nothing is said: its answer, entry by entry, is what proves the delivery, and "minimal" may mean none at all.</summary>
internal sealed class RecipientHeaders(Uri baseUrl) : DelegatingHandler
{
    private const long LongBody = 1024 * 1024;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Preference(request) is { } preference)
        {
            request.Headers.TryAddWithoutValidation("Prefer", preference);
        }

        // A long body is announced first: whoever does not want it (413, 401) is then heard before it travels, not lost in a reset.
        // A server that knows nothing of this costs one second.
        request.Headers.ExpectContinue = request.Content?.Headers.ContentLength > LongBody;
        return base.SendAsync(request, cancellationToken);
    }

    private string? Preference(HttpRequestMessage request)
    {
        var path = request.RequestUri?.AbsolutePath ?? "";
        return request.Method == HttpMethod.Get || path.EndsWith("/_search", StringComparison.Ordinal) ? "handling=strict"
            : path.TrimEnd('/') == baseUrl.AbsolutePath.TrimEnd('/') ? null
            : "return=minimal";
    }
}
