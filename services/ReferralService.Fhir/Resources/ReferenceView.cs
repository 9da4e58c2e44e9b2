using ReferralService.Fhir.References;

namespace ReferralService.Fhir.Resources;

/// <summary>A Reference element: its literal reference (parsed) and its logical identifier; either may be absent. Display is never kept.</summary>
/// <param name="Type">Reference.type as written, else the type the literal reference names.</param>
public sealed record ReferenceView(FhirReference? Reference, FhirIdentifier? Identifier, string? Type)
{
    /// <summary>Its rank among alternatives where the author gave one (extension request-performerOrder, the lowest first); else null.</summary>
    public int? Order { get; init; }

    /// <summary>A literal reference alone.</summary>
    public static ReferenceView To(string text)
    {
        var reference = FhirReference.Parse(text);
        return new ReferenceView(reference, null, reference.Type);
    }
}
