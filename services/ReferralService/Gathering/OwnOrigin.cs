using ReferralService.Fhir.References;

namespace ReferralService.Gathering;

/// <summary>Tells references to the EHR itself from references to other servers, which are never followed.</summary>
internal sealed class OwnOrigin(string ehrBase)
{
    private readonly Uri _base = new(ehrBase);

    /// <summary>Without trailing slash.</summary>
    public string Base { get; } = ehrBase;

    /// <summary>Whether the reference, relative or absolute, names a resource under the EHR's base.</summary>
    public bool Holds(FhirReference reference) => reference.Kind switch
    {
        ReferenceKind.Relative => true,
        ReferenceKind.Absolute => reference.Base == Base
            || (Uri.TryCreate(reference.Base, UriKind.Absolute, out var other)
                && IsSameServer(other) && other.AbsolutePath.TrimEnd('/') == _base.AbsolutePath.TrimEnd('/')),
        _ => false,
    };

    /// <summary>Whether a URL leads to the EHR's scheme, host and port, whatever the path.</summary>
    public bool IsSameServer(Uri url)
        => Uri.Compare(url, _base, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
