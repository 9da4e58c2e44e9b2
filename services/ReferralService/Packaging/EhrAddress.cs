using System.Text;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging;

/// <summary>Where a reference leads, seen from the EHR: servers write their own address in more than one way.</summary>
/// <param name="links">Plain URLs of files, as written, and as what the files are carried; null: there are none.</param>
internal sealed class EhrAddress(string ehrBase, IReadOnlyDictionary<string, ResourceKey>? links = null)
{
    private readonly Uri _base = new(ehrBase);

    /// <summary>References repeat (every result names the Patient): each text is parsed once.</summary>
    private readonly Dictionary<string, ResourceKey?> _keys = new(StringComparer.Ordinal);

    /// <summary>Without trailing slash.</summary>
    public string Base { get; } = ehrBase;

    /// <summary><see cref="Base"/> as it is written.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = Encoding.UTF8.GetBytes(ehrBase);

    /// <summary>The absolute, unversioned URL of the resource named, under <see cref="Base"/> when it is the EHR's; null when none is named.</summary>
    public string? UrlOf(in FhirReference reference)
        => reference.Kind == ReferenceKind.Absolute && reference.Base != Base && IsOurs(reference.Base)
            ? $"{Base}/{reference.Type}/{reference.Id}"
            : reference.AbsoluteUrl(Base);

    /// <summary>Reads a plain reference to the EHR, unversioned, as nearly all of a record are: <c>Type/id</c>, alone or behind <see cref="Base"/>.</summary>
    /// <returns>False: it must be looked at more closely.</returns>
    /// <param name="isRelative">It stands alone.</param>
    public bool TryRead(string reference, out ReadOnlySpan<char> type, out ReadOnlySpan<char> id, out bool isRelative)
    {
        ReadOnlySpan<char> text = reference;
        isRelative = !(text.Length > Base.Length && text[Base.Length] == '/' && text.StartsWith(Base, StringComparison.Ordinal));
        if (!isRelative) text = text[(Base.Length + 1)..];
        int slash = text.IndexOf('/');
        type = slash < 0 ? default : text[..slash];
        id = slash < 0 ? default : text[(slash + 1)..];
        return links is not { Count: > 0 } && slash > 0 && ResourceTypes.Contains(type) && ResourceTypes.IsId(id);
    }

    public static EhrAddress Of(GatheredRecord record) => new(record.EhrBase, record.Links);

    /// <summary>The resource at the EHR that is named, or the file that is linked; null when none is, or one elsewhere.</summary>
    public ResourceKey? KeyOf(in FhirReference reference) => reference.Kind switch
    {
        _ when links is not null && links.TryGetValue(reference.Text, out var file) => file,
        ReferenceKind.Relative => reference.Key,
        ReferenceKind.Absolute when reference.Base == Base || IsOurs(reference.Base) => reference.Key,
        _ => null,
    };

    /// <summary>The same of a reference as it is written; not to be asked from several threads.</summary>
    public ResourceKey? KeyOf(string reference)
    {
        if (!_keys.TryGetValue(reference, out var key)) _keys.Add(reference, key = KeyOf(FhirReference.Parse(reference)));
        return key;
    }

    /// <summary>Host in another case, the default port spelled out, a slash more.</summary>
    private bool IsOurs(string? other)
        => Uri.TryCreate(other, UriKind.Absolute, out var url)
            && Uri.Compare(url, _base, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            && url.AbsolutePath.TrimEnd('/') == _base.AbsolutePath.TrimEnd('/');
}
