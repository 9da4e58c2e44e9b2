using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Intake;

/// <summary>Which order of one EHR a text names.</summary>
/// <param name="Id">Logical id of the ServiceRequest.</param>
/// <param name="Version">versionId, where the text tells one.</param>
internal readonly record struct OrderReference(string Id, string? Version)
{
    public const string Type = "ServiceRequest";

    /// <summary><c>ServiceRequest/{id}</c> or its absolute URL under the EHR's base, with or without version. Null: another type, another server, or no reference.</summary>
    public static OrderReference? Read(string? text, Uri ehrBase)
    {
        if (text is null) return null;
        var reference = FhirReference.Parse(text);
        if (reference is not { Type: Type, Id: { } id }) return null;
        return reference.Kind switch
        {
            ReferenceKind.Relative => new OrderReference(id, reference.Version),
            ReferenceKind.Absolute when IsBase(reference.Base, ehrBase) => new OrderReference(id, reference.Version),
            _ => null,
        };
    }

    /// <summary>The same, and a bare id too.</summary>
    public static OrderReference? ReadAsked(string text, Uri ehrBase) => ResourceTypes.IsId(text) ? new OrderReference(text, null) : Read(text, ehrBase);

    private static bool IsBase(string? text, Uri ehrBase)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && string.Equals(uri.AbsoluteUri.TrimEnd('/'), ehrBase.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal);
}
