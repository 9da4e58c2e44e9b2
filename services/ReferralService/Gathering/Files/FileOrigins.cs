using System.Collections.Concurrent;

namespace ReferralService.Gathering.Files;

/// <summary>Which plain URLs of an EHR's files may be fetched, and from where: what the operator lists, be it the EHR's own origin, but never its FHIR interface.</summary>
/// <remarks>
/// Below the FHIR base a URL that is no resource is a search or an operation: with our credentials, and on a network that trusts us even without, it could make
/// another patient's data a "file" of this one. So there nothing is fetched, and nowhere with credentials. The same may stand beside the FHIR base (another
/// version of it, another interface): that nothing of the kind is there only the operator can say, by listing the origin (ADR 0012).
/// </remarks>
/// <param name="open">Makes the client of one origin.</param>
internal sealed class FileOrigins(Uri ehrBase, IReadOnlyList<Uri> listed, Func<Uri, FileOrigin> open) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<FileOrigin>> _opened = new(StringComparer.Ordinal);
    private readonly string _basePath = ehrBase.AbsolutePath.TrimEnd('/');

    /// <summary>The file that a URL in a resource leads to; null when it must not be asked for.</summary>
    /// <param name="written">As it stands there; what is relative is relative to the FHIR base (R4 datatypes.html#Attachment).</param>
    public FileLink? Find(string written)
    {
        if (Read(written, out bool absolute) is not { } url) return null;
        return OriginOf(url) is not null && !IsFhir(url) ? FileLink.Of(url, absolute ? written : url.AbsoluteUri) : null;
    }

    /// <summary>What is told of a URL that <see cref="Find"/> refuses: where it leads, and why nobody is asked there. Null: it leads nowhere.</summary>
    public (string Shown, string Reason)? Refused(string written) => Read(written, out _) is { Scheme: "http" or "https" } url
        ? (FileLink.Show(url.AbsoluteUri), IsFhir(url) ? GapReason.NotAResource : GapReason.ForeignOrigin)
        : null;

    /// <summary>Whether a file's address is of the EHR's own origin, where it has interfaces, too.</summary>
    public bool IsOwn(FileLink link) => IsSame(ehrBase, new Uri(link.Url));

    /// <exception cref="ArgumentException">The link is none of <see cref="Find"/>'s.</exception>
    public FileOrigin Open(FileLink link)
    {
        var origin = OriginOf(new Uri(link.Url)) ?? throw new ArgumentException("Not from an origin that is allowed.", nameof(link));
        return _opened.GetOrAdd(origin.AbsoluteUri, _ => new Lazy<FileOrigin>(() => open(origin))).Value;
    }

    public void Dispose()
    {
        foreach (var origin in _opened.Values.Where(o => o.IsValueCreated)) origin.Value.Dispose();
    }

    private Uri? OriginOf(Uri url) => listed.FirstOrDefault(allowed => IsSame(allowed, url));

    private Uri? Read(string written, out bool absolute)
    {
        absolute = false;
        // What .NET would quietly mend, a server may read otherwise.
        if (written.Length == 0 || written.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || written.Contains('\\')) return null;
        absolute = written.Contains("://", StringComparison.Ordinal) && written.IndexOf("://", StringComparison.Ordinal) < written.AsSpan().IndexOfAny("/?#");
        return Uri.TryCreate(absolute ? written : Resolved(written), UriKind.Absolute, out var url) && url.UserInfo.Length == 0 ? url : null;
    }

    /// <summary>Whether it leads into the FHIR interface, or might once its server has undone escapes and dots.</summary>
    private bool IsFhir(Uri url)
    {
        if (!IsSame(ehrBase, url)) return false;
        string path = Uri.UnescapeDataString(url.AbsolutePath);
        return path.Contains("..", StringComparison.Ordinal) || path.Contains('\\') || path.Contains("//", StringComparison.Ordinal) || path.Contains('%')
            || path.Equals(_basePath, StringComparison.OrdinalIgnoreCase) || path.StartsWith(_basePath + "/", StringComparison.OrdinalIgnoreCase);
    }

    private string Resolved(string relative)
        => Uri.TryCreate(new Uri($"{ehrBase.AbsoluteUri.TrimEnd('/')}/"), relative, out var url) ? url.AbsoluteUri : "";

    private static bool IsSame(Uri one, Uri other) => Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
