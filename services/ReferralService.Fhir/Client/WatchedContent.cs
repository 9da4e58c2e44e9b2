using System.Net;

namespace ReferralService.Fhir.Client;

/// <summary>A request body that tells the watch of every block the connection takes, so that a large upload lives as long as it moves.</summary>
internal sealed class WatchedContent : HttpContent
{
    private readonly HttpContent _body;
    private readonly IdleWatch _watch;

    public WatchedContent(HttpContent body, IdleWatch watch)
    {
        (_body, _watch) = (body, watch);
        foreach (var (name, values) in body.Headers) Headers.TryAddWithoutValidation(name, values);
        if (Headers.ContentType is null) Headers.TryAddWithoutValidation("Content-Type", ExchangeHeaders.Json);
    }

    /// <summary>Whether a connection has been asked to take the first byte. From then on nothing is provably unsent, whatever failed afterwards.</summary>
    public bool Begun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Begun = true;
        return _body.CopyToAsync(new WatchedUpload(stream, _watch), context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Headers.ContentLength ?? 0;
        return _body.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body.Dispose();
        base.Dispose(disposing);
    }
}
